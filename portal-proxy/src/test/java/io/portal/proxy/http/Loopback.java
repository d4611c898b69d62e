package io.portal.proxy.http;

import io.portal.core.model.Cert;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyTable;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A proxy on loopback, plain and with TLS, before an {@link Origin}. */
final class Loopback implements Closeable {

  private final Origin origin = new Origin();
  private final Authority authority;
  private final HttpProxy proxy;

  /**
   * Starts it, with a certificate for localhost.
   *
   * @param directory for the authority's files
   * @param wire whether plain requests pass as bytes
   */
  Loopback(Path directory, boolean wire) throws Exception {
    authority = new Authority(directory);
    proxy =
        Served.start(
                wire,
                builder ->
                    builder
                        .tls(Served.ANY)
                        .limits(Limits.DEFAULT)
                        .drainLimit(Duration.ofSeconds(2)))
            .proxy();
    serve(authority.issue("localhost", "localhost"));
  }

  /** Serves the origin with these certificates from now on. */
  void serve(Cert... certs) throws Exception {
    Route route =
        new Route(new RouteId("", "", ""), List.of(origin.uri()), "", "", HealthCheck.NONE);
    proxy.apply(new ProxyTable(List.of(route), List.of(certs), ErrorPages.DEFAULT));
  }

  Authority authority() {
    return authority;
  }

  Origin origin() {
    return origin;
  }

  int tlsPort() {
    return proxy.tlsAddress().getPort();
  }

  /** Where a client asks for a path. */
  String url(boolean tls, String path) {
    return tls
        ? "https://localhost:" + tlsPort() + path
        : "http://localhost:" + proxy.httpAddress().getPort() + path;
  }

  @Override
  public void close() throws IOException {
    proxy.close();
    origin.close();
  }
}
