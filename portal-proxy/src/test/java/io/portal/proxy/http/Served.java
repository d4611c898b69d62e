package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.portal.core.Await;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyTable;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/** A proxy under test with one event loop and short limits, and what its clients do. */
final class Served implements Closeable {

  static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private static final Limits SHORT =
      new Limits(
          32 * 1024,
          8 * 1024,
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofMillis(800),
          Duration.ofMillis(800),
          100);
  private static final long QUIET = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long LIMIT = TimeUnit.SECONDS.toNanos(20);

  private final HttpProxy proxy;

  private Served(HttpProxy proxy) {
    this.proxy = proxy;
  }

  static Served start(boolean wire, UnaryOperator<HttpProxy.Builder> settings) throws IOException {
    return new Served(
        settings
            .apply(
                HttpProxy.builder()
                    .http(ANY)
                    .threads(1)
                    .limits(SHORT)
                    .wire(wire)
                    .drainLimit(Duration.ofMillis(100)))
            .start());
  }

  /** Starts it with TLS too, before one target whose certificate is taken unchecked. */
  static Served before(URI target, boolean wire, Limits limits) throws Exception {
    return start(wire, proxy -> proxy.tls(ANY).limits(limits).ignoreUpstream(true)).to(target);
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

  /** A client's TLS that takes any certificate, with the client's check of names. */
  static SSLContext trusting() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    return context;
  }

  HttpProxy proxy() {
    return proxy;
  }

  int port(boolean tls) {
    return (tls ? proxy.tlsAddress() : proxy.httpAddress()).getPort();
  }

  /** Serves everything from these targets. */
  Served to(URI... targets) throws Exception {
    return to(HealthCheck.NONE, targets);
  }

  /** Serves everything from these targets, which are checked so. */
  Served to(HealthCheck check, URI... targets) throws Exception {
    return routes(new Route(new RouteId("", "", ""), List.of(targets), "", "", check));
  }

  Served routes(Route... routes) throws Exception {
    proxy.apply(new ProxyTable(List.of(routes), List.of(), new ErrorPages("none\n", "ill\n")));
    return this;
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.httpAddress().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** All that is answered to these bytes. */
  String raw(String... parts) throws IOException {
    try (Socket socket = connect()) {
      for (String part : parts) {
        socket.getOutputStream().write(part.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
      }
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  /** All that is answered to a request without a body. */
  String ask(String method, String path) throws IOException {
    return raw(method + " " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  }

  /** All that is answered to a body of this length, sent whole with its head. */
  String send(String method, String path, int length) throws IOException {
    return raw(
        "%s %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(method, path, length, "x".repeat(length)));
  }

  static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  static void await(String what, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - start).as(what).isLessThan(LIMIT);
      Await.pause();
    }
  }

  /** Waits until a number stands still. */
  static void standstill(String what, LongSupplier number) {
    long[] last = {number.getAsLong(), System.nanoTime()};
    await(
        what,
        () -> {
          long now = number.getAsLong();
          if (now != last[0]) {
            last[0] = now;
            last[1] = System.nanoTime();
          }
          return now > 0 && System.nanoTime() - last[1] > QUIET;
        });
  }

  @Override
  public void close() {
    proxy.close();
  }
}
