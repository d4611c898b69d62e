package io.portal.examples;

import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyException;
import io.portal.core.port.ProxyTable;
import io.portal.proxy.http.HttpProxy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;

/** A reverse proxy in a program of one's own, with {@code portal-proxy} alone: no daemon. */
public final class ReverseProxy {

  private ReverseProxy() {}

  /**
   * Serves {@code /api} and below from a target, and a page for everything else.
   *
   * @param listen where clients come; port 0 for any that is free
   * @param target such as {@code http://127.0.0.1:9001}
   * @return the proxy, which serves until it is closed
   */
  public static HttpProxy start(InetSocketAddress listen, URI target)
      throws IOException, ProxyException {
    HttpProxy proxy = HttpProxy.builder().http(listen).start();
    // Another table may be applied at any time: running requests finish on the old one.
    proxy.apply(
        new ProxyTable(
            List.of(
                new Route(new RouteId("", "", "/api"), List.of(target), "", "", HealthCheck.NONE),
                new Route(
                    new RouteId("", "", ""), List.of(), "", "Nothing here.\n", HealthCheck.NONE)),
            List.of(),
            ErrorPages.DEFAULT));
    return proxy;
  }

  /** Arguments: a port to listen on, and a target. */
  public static void main(String[] arguments) throws Exception {
    try (HttpProxy proxy =
        start(new InetSocketAddress(Integer.parseInt(arguments[0])), URI.create(arguments[1]))) {
      System.out.println("Listening on " + proxy.httpAddress() + "; Enter stops.");
      System.in.read();
    }
  }
}
