package io.portal.core.state;

import com.google.common.collect.ImmutableMap;
import io.portal.core.model.Cert;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A change to the desired state: for each key that changes, its new value, or empty where it is
 * removed. Immutable.
 *
 * @param services services by id
 * @param routes routes by id
 * @param certs certs by the certificate's PEM text
 * @param vips vips by id
 * @param pages the proxy's own pages, empty when they stay
 */
public record StateChange(
    ImmutableMap<ServiceId, Optional<Service>> services,
    ImmutableMap<RouteId, Optional<Route>> routes,
    ImmutableMap<String, Optional<Cert>> certs,
    ImmutableMap<VipId, Optional<Vip>> vips,
    Optional<ErrorPages> pages) {

  /** No change. */
  public static final StateChange NONE = new Builder().build();

  /** Whether nothing changes. */
  public boolean isEmpty() {
    return services.isEmpty()
        && routes.isEmpty()
        && certs.isEmpty()
        && vips.isEmpty()
        && pages.isEmpty();
  }

  /** How many keys change. */
  public int size() {
    return services.size()
        + routes.size()
        + certs.size()
        + vips.size()
        + (pages.isPresent() ? 1 : 0);
  }

  /** Everything by which the second state differs from the first; reads both whole. */
  public static StateChange between(DesiredState from, DesiredState to) {
    Builder change = new Builder();
    difference(from.services(), to.services(), change.services);
    difference(from.routes(), to.routes(), change.routes);
    difference(from.certs(), to.certs(), change.certs);
    difference(from.vips(), to.vips(), change.vips);
    if (!from.pages().equals(to.pages())) {
      change.pages(to.pages());
    }
    return change.build();
  }

  private static <K, V> void difference(Map<K, V> from, Map<K, V> to, Map<K, Optional<V>> change) {
    if (from == to) {
      return;
    }
    for (K key : from.keySet()) {
      if (!to.containsKey(key)) {
        change.put(key, Optional.empty());
      }
    }
    for (Map.Entry<K, V> entry : to.entrySet()) {
      if (!Objects.equals(from.get(entry.getKey()), entry.getValue())) {
        change.put(entry.getKey(), Optional.of(entry.getValue()));
      }
    }
  }

  /** The change that undoes this one on a state that was {@code before}. */
  public StateChange inverse(DesiredState before) {
    Builder inverse = new Builder();
    services
        .keySet()
        .forEach(k -> inverse.services.put(k, Optional.ofNullable(before.services().get(k))));
    routes
        .keySet()
        .forEach(k -> inverse.routes.put(k, Optional.ofNullable(before.routes().get(k))));
    certs.keySet().forEach(k -> inverse.certs.put(k, Optional.ofNullable(before.certs().get(k))));
    vips.keySet().forEach(k -> inverse.vips.put(k, Optional.ofNullable(before.vips().get(k))));
    if (pages.isPresent()) {
      inverse.pages(before.pages());
    }
    return inverse.build();
  }

  /** This change without what already is so in that state. */
  public StateChange effectiveOn(DesiredState state) {
    Builder effective = new Builder();
    keepDifferent(services, state.services(), effective.services);
    keepDifferent(routes, state.routes(), effective.routes);
    keepDifferent(certs, state.certs(), effective.certs);
    keepDifferent(vips, state.vips(), effective.vips);
    pages.filter(page -> !page.equals(state.pages())).ifPresent(effective::pages);
    return effective.build();
  }

  private static <K, V> void keepDifferent(
      Map<K, Optional<V>> change, Map<K, V> current, Map<K, Optional<V>> kept) {
    change.forEach(
        (key, value) -> {
          if (!value.equals(Optional.ofNullable(current.get(key)))) {
            kept.put(key, value);
          }
        });
  }

  /** This change followed by that one, as one. */
  public StateChange then(StateChange later) {
    Builder both = new Builder();
    both.add(this);
    both.add(later);
    return both.build();
  }

  /** Collects a change; not thread-safe. */
  public static final class Builder {

    private final Map<ServiceId, Optional<Service>> services = new LinkedHashMap<>();
    private final Map<RouteId, Optional<Route>> routes = new LinkedHashMap<>();
    private final Map<String, Optional<Cert>> certs = new LinkedHashMap<>();
    private final Map<VipId, Optional<Vip>> vips = new LinkedHashMap<>();
    private Optional<ErrorPages> pages = Optional.empty();

    /** Adds or replaces a service. */
    public Builder put(Service service) {
      services.put(service.id(), Optional.of(service));
      return this;
    }

    /** Removes a service. */
    public Builder remove(ServiceId id) {
      services.put(id, Optional.empty());
      return this;
    }

    /** Adds or replaces a route. */
    public Builder put(Route route) {
      routes.put(route.id(), Optional.of(route));
      return this;
    }

    /** Removes a route. */
    public Builder remove(RouteId id) {
      routes.put(id, Optional.empty());
      return this;
    }

    /** Adds or replaces a cert. */
    public Builder put(Cert cert) {
      certs.put(cert.cert(), Optional.of(cert));
      return this;
    }

    /** Removes the cert with that certificate's PEM text. */
    public Builder removeCert(String cert) {
      certs.put(cert, Optional.empty());
      return this;
    }

    /** Adds or replaces a vip. */
    public Builder put(Vip vip) {
      vips.put(vip.id(), Optional.of(vip));
      return this;
    }

    /** Removes a vip. */
    public Builder remove(VipId id) {
      vips.put(id, Optional.empty());
      return this;
    }

    /** Replaces the proxy's own pages. */
    public Builder pages(ErrorPages newPages) {
      pages = Optional.of(newPages);
      return this;
    }

    /** Adds all of another change; it wins where both change the same key. */
    public Builder add(StateChange other) {
      services.putAll(other.services);
      routes.putAll(other.routes);
      certs.putAll(other.certs);
      vips.putAll(other.vips);
      pages = other.pages.isPresent() ? other.pages : pages;
      return this;
    }

    /** The change collected so far. */
    public StateChange build() {
      return new StateChange(
          ImmutableMap.copyOf(services),
          ImmutableMap.copyOf(routes),
          ImmutableMap.copyOf(certs),
          ImmutableMap.copyOf(vips),
          pages);
    }
  }
}
