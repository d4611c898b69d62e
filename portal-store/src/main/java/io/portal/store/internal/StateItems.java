package io.portal.store.internal;

import com.google.common.hash.Hashing;
import io.portal.core.InvalidException;
import io.portal.core.model.Cert;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.model.ServiceId;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.core.port.StoreException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.json.BadJsonException;
import io.portal.store.json.ModelJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Changes of the desired state as items, and back. */
public final class StateItems {

  private static final String SERVICE = "service:";
  private static final String ROUTE = "route:";
  private static final String CERT = "cert:";
  private static final String VIP = "vip:";
  private static final String PAGES = "pages:";

  private StateItems() {}

  /** What a change changes. */
  public static List<Item> of(StateChange change) {
    List<Item> items = new ArrayList<>(change.size());
    change
        .services()
        .forEach(
            (id, service) ->
                items.add(
                    service
                        .map(s -> there(SERVICE + id, ModelJson.STORED_SERVICE.text(s)))
                        .orElseGet(() -> gone(SERVICE + id, ""))));
    change
        .routes()
        .forEach(
            (id, route) ->
                items.add(
                    route
                        .map(r -> there(key(id), ModelJson.ROUTE.text(r)))
                        .orElseGet(() -> gone(key(id), ModelJson.ROUTE.text(named(id))))));
    change
        .certs()
        .forEach(
            (id, cert) ->
                items.add(
                    cert.map(c -> there(certKey(id), ModelJson.CERT.text(c)))
                        .orElseGet(
                            () ->
                                gone(certKey(id), ModelJson.CERT.text(new Cert(id, "removed"))))));
    change
        .vips()
        .forEach(
            (id, vip) ->
                items.add(
                    vip.map(v -> there(key(id), ModelJson.VIP.text(v)))
                        .orElseGet(() -> gone(key(id), ModelJson.VIP.text(new Vip(id, ""))))));
    change.pages().ifPresent(pages -> items.add(there(PAGES, ModelJson.PAGES.text(pages))));
    return items;
  }

  private static Item there(String key, String value) {
    return new Item(key, value, false);
  }

  private static Item gone(String key, String value) {
    return new Item(key, value, true);
  }

  private static Route named(RouteId id) {
    return new Route(id, List.of(), "", "", HealthCheck.NONE);
  }

  private static String key(RouteId id) {
    return ROUTE + hash(id.subdomain() + "\0" + id.domain() + "\0" + id.path());
  }

  private static String certKey(String cert) {
    return CERT + hash(cert);
  }

  private static String key(VipId id) {
    return VIP + id;
  }

  private static String hash(String text) {
    return Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString();
  }

  /** A state with these items, under that revision. */
  public static DesiredState apply(DesiredState state, Iterable<Item> items, long revision)
      throws StoreException {
    StateChange.Builder change = new StateChange.Builder();
    for (Item item : items) {
      try {
        add(item, change);
      } catch (InvalidException | BadJsonException e) {
        throw new StoreException(item.key() + " is damaged: " + e.getMessage(), e);
      }
    }
    return state.with(change.build()).withRevision(revision);
  }

  private static void add(Item item, StateChange.Builder change) throws StoreException {
    String key = item.key();
    byte[] value = item.value().getBytes(StandardCharsets.UTF_8);
    if (key.startsWith(SERVICE) && item.removed()) {
      ServiceId.parse(key.substring(SERVICE.length())).ifPresent(change::remove);
    } else if (key.startsWith(SERVICE)) {
      change.put(ModelJson.STORED_SERVICE.read(value));
    } else if (key.startsWith(ROUTE)) {
      Route route = ModelJson.ROUTE.read(value);
      if (item.removed()) {
        change.remove(route.id());
      } else {
        change.put(route);
      }
    } else if (key.startsWith(CERT)) {
      Cert cert = ModelJson.CERT.read(value);
      if (item.removed()) {
        change.removeCert(cert.cert());
      } else {
        change.put(cert);
      }
    } else if (key.startsWith(VIP)) {
      Vip vip = ModelJson.VIP.read(value);
      if (item.removed()) {
        change.remove(vip.id());
      } else {
        change.put(vip);
      }
    } else if (key.equals(PAGES)) {
      change.pages(ModelJson.PAGES.read(value));
    } else {
      throw new StoreException(key + " is of no kind that this version of portal knows");
    }
  }
}
