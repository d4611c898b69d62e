package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.proxy.http.NettyTarget.Kind;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections of HTTP/2 to targets that are shared, full, refused, left or dead; and upgrades. */
class Http2TargetsTest extends TargetsFixture {

  @ParameterizedTest
  @EnumSource(names = {"HTTPS_2", "H2C"})
  void sharesOneConnection(Kind kind) throws Exception {
    NettyTarget target = target(kind);
    Served served = served(true, target.uri());
    for (CompletableFuture<String> answer : atOnce(served, 20, "/together/20")) {
      assertThat(answer.get(20, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200");
    }
    // Those that were opened at the same time are not kept beside the first.
    Served.await("one connection", () -> target.open() == 1);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTPS_2", "H2C"})
  void opensAnotherConnectionWhenOneTakesNoMoreStreams(Kind kind) throws Exception {
    NettyTarget target = target(kind, 2);
    Served served = served(true, target.uri());
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    for (CompletableFuture<String> answer : atOnce(served, 7, "/together/7")) {
      assertThat(answer.get(20, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200");
    }
    assertThat(served.proxy().stats().upstreamErrors()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTPS_2", "H2C"})
  void opensAnotherConnectionWhenATargetSaysItGoesAway(Kind kind) throws Exception {
    NettyTarget target = target(kind);
    Served served = served(true, target.uri());
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    CompletableFuture<String> running = atOnce(served, 1, "/together/2").get(0);
    Served.await("a running request", () -> target.waiting() == 1);
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    target.goAway();
    for (int i = 0; i < 5; i++) {
      assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    }
    assertThat(target.connections()).isEqualTo(2);
    // What runs on the old connection comes to its end.
    assertThat(served.ask("GET", "/together/2")).startsWith("HTTP/1.1 200");
    assertThat(running.get(20, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTPS_2", "H2C"})
  void asksAgainWhenAStreamWasRefused(Kind kind) throws Exception {
    NettyTarget target = target(kind);
    Served served = served(true, target.uri());
    assertThat(served.ask("GET", "/refuse/1")).startsWith("HTTP/1.1 200");
    // RFC 9113 8.7: whatever the method, nothing was done. But a body that was sent is gone.
    assertThat(served.ask("POST", "/refuse/2")).startsWith("HTTP/1.1 200");
    assertThat(served.send("POST", "/refuse/3", 10)).startsWith("HTTP/1.1 502");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTPS", "HTTPS_2", "H2C"})
  void asksAgainWhenAUsedConnectionDied(Kind kind) throws Exception {
    NettyTarget target = target(kind);
    Served served = served(true, target.uri());
    assertThat(served.ask("GET", "/die/1")).startsWith("HTTP/1.1 502");
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    assertThat(served.ask("GET", "/die/2")).startsWith("HTTP/1.1 200");
    assertThat(served.ask("POST", "/die/3")).startsWith("HTTP/1.1 502");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTPS_2", "H2C"})
  void opensAnotherConnectionWhenOneDoesNotAnswer(Kind kind) throws Exception {
    NettyTarget target = target(kind);
    Served served = served(true, target.uri());
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    assertThat(served.ask("GET", "/silent")).startsWith("HTTP/1.1 504");
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    assertThat(target.connections()).isEqualTo(2);
    Served.await("the first closed", () -> target.open() == 1);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP", "HTTPS", "HTTPS_2"})
  void tunnelsAnUpgrade(Kind kind) throws Exception {
    Served served = served(true, target(kind).uri());
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    try (Socket socket = served.connect()) {
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
                  .getBytes());
      StringBuilder got = new StringBuilder();
      while (!got.toString().endsWith("\r\n\r\n")) {
        int next = socket.getInputStream().read();
        assertThat(next).as(got.toString()).isNotNegative();
        got.append((char) next);
      }
      assertThat(got).startsWith("HTTP/1.1 101");
      for (int i = 0; i < 3; i++) {
        socket.getOutputStream().write("ping".getBytes());
        assertThat(socket.getInputStream().readNBytes(4)).isEqualTo("ping".getBytes());
      }
    }
  }

  @Test
  void asksForAnUpgradeWithHttp1() throws Exception {
    NettyTarget target = target(Kind.HTTPS_2);
    Served served = served(true, target.uri());
    assertThat(served.ask("GET", "/")).contains("HTTP/2 ");
    assertThat(
            served.raw(
                "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: close, Upgrade\r\n"
                    + "Upgrade: websocket\r\n\r\n"))
        .contains("GET /ws HTTP/1.1 bytes=0")
        .contains("upgrade=websocket");
  }
}
