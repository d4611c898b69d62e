package io.portal.proxy.http;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyTable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;

/** A proxy on loopback, plain and with TLS, whose only route leads to one target. */
final class TestProxy implements AutoCloseable {

  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final HttpProxy proxy;

  /**
   * Starts it.
   *
   * @param wire whether plain requests pass as bytes
   */
  TestProxy(URI target, boolean wire, Limits limits) throws Exception {
    proxy =
        HttpProxy.builder()
            .http(ANY)
            .tls(ANY)
            .threads(1)
            .wire(wire)
            .limits(limits)
            .ignoreUpstream(true)
            .drainLimit(Duration.ofSeconds(2))
            .start();
    Route route = new Route(new RouteId("", "", ""), List.of(target), "", "", HealthCheck.NONE);
    proxy.apply(new ProxyTable(List.of(route), List.of(), ErrorPages.DEFAULT));
  }

  /** The usual limits, but that a connection may stand still no longer than this. */
  static Limits idle(Duration limit) {
    Limits usual = Limits.DEFAULT;
    return new Limits(
        usual.head(),
        usual.uri(),
        usual.headerRead(),
        limit,
        usual.connect(),
        usual.answer(),
        usual.streams());
  }

  int port(boolean tls) {
    return (tls ? proxy.tlsAddress() : proxy.httpAddress()).getPort();
  }

  /** A client's TLS that takes any certificate, with the client's check of names. */
  static SSLContext trusting() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    return context;
  }

  @Override
  public void close() {
    proxy.close();
  }
}
