package io.portal.api.resource;

import io.portal.api.http.Request;
import io.portal.api.http.Response;
import io.portal.api.http.Router;
import io.portal.core.Portal;
import io.portal.core.model.Cert;
import io.portal.core.model.InterfaceAddress;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.store.json.BadJsonException;
import io.portal.store.json.JsonObject;
import io.portal.store.json.ModelJson;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * {@code /routes}, {@code /certs} and {@code /vips}: lists whose members are named by their body.
 *
 * @param <T> the model
 */
public final class CollectionResource<T> {

  private static final List<String> ROUTE_QUERY = List.of("subdomain", "domain", "path");
  private static final List<String> CERT_QUERY = List.of("cert");
  private static final List<String> VIP_QUERY = List.of("ip", "interface");

  private final String path;
  private final List<String> query;
  private final ModelJson<T> json;
  private final Supplier<List<T>> list;
  private final UnaryOperator<T> add;
  private final UnaryOperator<List<T>> setAll;
  private final Consumer<Request> remove;

  private CollectionResource(
      String path,
      List<String> query,
      ModelJson<T> json,
      Supplier<List<T>> list,
      UnaryOperator<T> add,
      UnaryOperator<List<T>> setAll,
      Consumer<Request> remove) {
    this.path = path;
    this.query = query;
    this.json = json;
    this.list = list;
    this.add = add;
    this.setAll = setAll;
    this.remove = remove;
  }

  /** Routes, deleted by JSON body or by query. */
  public static CollectionResource<Route> routes(Portal portal) {
    return new CollectionResource<>(
        "/routes",
        ROUTE_QUERY,
        ModelJson.ROUTE,
        portal.routes()::list,
        portal.routes()::add,
        portal.routes()::setAll,
        request -> portal.routes().remove(routeId(request)));
  }

  /** Certs, deleted by JSON body or by query. */
  public static CollectionResource<Cert> certs(Portal portal) {
    return new CollectionResource<>(
        "/certs",
        CERT_QUERY,
        ModelJson.CERT,
        portal.certs()::list,
        portal.certs()::add,
        portal.certs()::setAll,
        request ->
            portal
                .certs()
                .remove(
                    request
                        .query("cert")
                        .orElseGet(() -> object(ModelJson.CERT, request).string("cert"))));
  }

  /** Vips, deleted by JSON body or by query. */
  public static CollectionResource<Vip> vips(Portal portal) {
    return new CollectionResource<>(
        "/vips",
        VIP_QUERY,
        ModelJson.VIP,
        portal.vips()::list,
        portal.vips()::add,
        portal.vips()::setAll,
        request -> portal.vips().remove(vipId(request)));
  }

  /** Adds the paths. */
  public void addTo(Router router) {
    router
        .add("GET", path, request -> Bodies.all(json, list.get()))
        .add("POST", path, this::add)
        .add("PUT", path, this::replaceAll)
        .add("DELETE", path, this::remove, query.toArray(String[]::new));
  }

  private Response add(Request request) throws IOException {
    return Bodies.one(json, add.apply(Bodies.read(json, request)));
  }

  private Response replaceAll(Request request) throws IOException {
    return Bodies.all(json, setAll.apply(Bodies.list(json, request)));
  }

  private Response remove(Request request) {
    remove.accept(request);
    return Bodies.SUCCESS;
  }

  private static RouteId routeId(Request request) {
    Function<String, String> query = name -> request.query(name).orElse("");
    return named(request, ROUTE_QUERY)
        ? new RouteId(query.apply("subdomain"), query.apply("domain"), query.apply("path"))
        : ModelJson.routeId(object(ModelJson.ROUTE, request));
  }

  private static VipId vipId(Request request) {
    return named(request, VIP_QUERY)
        ? new VipId(
            InterfaceAddress.parse(request.query("ip").orElse("")),
            request.query("interface").orElse(""))
        : ModelJson.vipId(object(ModelJson.VIP, request));
  }

  private static boolean named(Request request, List<String> parameters) {
    return parameters.stream().anyMatch(request.query()::containsKey);
  }

  /** The body, in which strict clients may name a whole model. */
  private static JsonObject object(ModelJson<?> json, Request request) {
    try {
      JsonObject object = Bodies.object(request);
      if (request.strict()) {
        object.allow(json.fields());
      }
      return object;
    } catch (IOException e) {
      throw new IllegalStateException(BadJsonException.ANSWER, e);
    }
  }
}
