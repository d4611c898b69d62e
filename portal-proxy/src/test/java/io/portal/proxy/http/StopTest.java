package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a proxy that stops does with HTTP/2 requests that run. */
class StopTest extends Closing {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final CountDownLatch released = new CountDownLatch(1);

  private ScriptedTarget target() {
    return kept(
        new ScriptedTarget(
            (head, i) -> {
              try {
                released.await(20, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return OK;
            }));
  }

  private Served served(boolean wire, ScriptedTarget target) throws Exception {
    return kept(
        Served.start(
                wire,
                proxy ->
                    proxy.limits(Limits.DEFAULT).drainLimit(Duration.ofSeconds(20)).tls(Served.ANY))
            .to(target.uri()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void finishesRunningStreams(boolean wire) throws Exception {
    Served served = served(wire, target());
    try (RawHttp2 client = RawHttp2.greeted(served.port(false))) {
      client.get(1, "/");
      assertThat(client.ping()).isEqualTo("pong");
      CompletableFuture<Void> stop = CompletableFuture.runAsync(served::close);
      // New streams may come until the client knows; the proxy's PING says when it does.
      assertThat(client.lastStreamOfGoAway()).isEqualTo(Integer.MAX_VALUE);
      client.get(3, "/");
      client.answerPing();
      assertThat(client.lastStreamOfGoAway()).isEqualTo(3);
      released.countDown();
      assertThat(client.outcome(1)).isEqualTo("200");
      assertThat(client.outcome(3)).isEqualTo("200");
      client.close();
      stop.get(20, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endsIdleConnections(boolean wire) throws Exception {
    Served served = served(wire, target());
    try (RawHttp2 client = RawHttp2.greeted(served.port(false))) {
      assertThat(client.ping()).isEqualTo("pong");
      CompletableFuture<Void> stop = CompletableFuture.runAsync(served::close);
      assertThat(client.end()).isEqualTo("goaway NO_ERROR");
      stop.get(20, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cutsWhatIsNotDoneInTime(boolean wire) throws Exception {
    Served served =
        Served.start(wire, proxy -> proxy.limits(Limits.DEFAULT).drainLimit(Duration.ofMillis(200)))
            .to(target().uri());
    try (RawHttp2 client = RawHttp2.greeted(served.port(false))) {
      client.get(1, "/");
      assertThat(client.ping()).isEqualTo("pong");
      CompletableFuture<Void> stop = CompletableFuture.runAsync(served::close);
      stop.get(20, TimeUnit.SECONDS);
      assertThat(client.outcome(1)).isIn("goaway NO_ERROR", "closed");
    } finally {
      released.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void givesItsAddressesFreeWhileItDrains(boolean wire) throws Exception {
    ScriptedTarget target = target();
    Served served = served(wire, target);
    int port = served.port(false);
    try (RawHttp2 client = RawHttp2.greeted(port)) {
      client.get(1, "/");
      assertThat(client.ping()).isEqualTo("pong");
      served.proxy().stopListening();
      Served.await("the request at the target", () -> served.proxy().stats().connections() == 1);
      InetSocketAddress same = new InetSocketAddress(Served.ANY.getAddress(), port);
      try (Served next = Served.start(wire, proxy -> proxy.http(same)).to(target.uri())) {
        CompletableFuture<Void> stop = CompletableFuture.runAsync(served::close);
        CompletableFuture<String> fresh =
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return next.ask("GET", "/");
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
        released.countDown();
        assertThat(fresh.get(20, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200");
        assertThat(client.outcome(1)).isEqualTo("200");
        client.close();
        stop.get(20, TimeUnit.SECONDS);
      }
    }
  }

  @AfterEach
  void release() {
    released.countDown();
  }
}
