package io.portal.proxy.http;

import io.portal.core.model.ErrorPages;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyTable;
import io.portal.proxy.route.RouteTable;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * All that requests are answered from. Immutable; swapped whole. Targets that stay on a route whose
 * check stays the same keep their health.
 */
final class ServingTable {

  private final Map<RouteId, ServedRoute> routes = new HashMap<>();
  private final RouteTable<ServedRoute> tree;
  private final byte[] noRoutes;
  private final byte[] noHealthy;

  private ServingTable(Iterable<ServedRoute> served, ErrorPages pages) {
    served.forEach(route -> routes.put(route.route().id(), route));
    tree = new RouteTable<>(routes.values(), route -> route.route().id());
    noRoutes = pages.noRoutes().getBytes(StandardCharsets.UTF_8);
    noHealthy = pages.noHealthy().getBytes(StandardCharsets.UTF_8);
  }

  static ServingTable empty() {
    return new ServingTable(java.util.List.of(), ErrorPages.DEFAULT);
  }

  /** The table that comes after this one. */
  ServingTable next(ProxyTable table) {
    Map<RouteId, ServedRoute> next = new HashMap<>();
    for (Route route : table.routes()) {
      ServedRoute known = routes.get(route.id());
      next.put(
          route.id(),
          known == null
              ? new ServedRoute(route, route.targets().stream().map(Target::new).toList())
              : known.next(route));
    }
    return new ServingTable(next.values(), table.pages());
  }

  Iterable<ServedRoute> routes() {
    return routes.values();
  }

  RouteTable<ServedRoute> tree() {
    return tree;
  }

  byte[] noRoutes() {
    return noRoutes;
  }

  byte[] noHealthy() {
    return noHealthy;
  }
}
