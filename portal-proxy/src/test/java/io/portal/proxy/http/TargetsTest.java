package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which target a request goes to, and what becomes of it when targets fail. */
class TargetsTest extends Closing {

  /** Nobody listens on this port. */
  private static final URI REFUSING = URI.create("http://127.0.0.1:1");

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private Served served(boolean wire, URI... targets) throws Exception {
    return kept(Served.start(wire, UnaryOperator.identity())).to(targets);
  }

  private ScriptedTarget target(ScriptedTarget.Script script) throws IOException {
    return kept(new ScriptedTarget(script));
  }

  private ScriptedTarget saying(String body) throws IOException {
    return target((head, i) -> ok(body));
  }

  private static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void goesRoundRobin(boolean wire) throws Exception {
    Served served = served(wire, saying("a").uri(), saying("b").uri(), saying("c").uri());
    StringBuilder got = new StringBuilder();
    for (int i = 0; i < 9; i++) {
      got.append(Served.body(served.ask("GET", "/")));
    }
    assertThat(got).hasToString("abcabcabc");
  }

  @Test
  void staysEvenWhenATargetIsLeftAlone() {
    List<Target> targets =
        Stream.of("http://a", "http://b", "http://c").map(URI::create).map(Target::new).toList();
    ServedRoute route =
        new ServedRoute(
            new Route(
                new RouteId("", "", ""),
                targets.stream().map(Target::uri).toList(),
                "",
                "",
                HealthCheck.NONE),
            targets);
    targets.get(1).refused(0, new IOException("refused"));
    StringBuilder got = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      got.append(route.next(Set.of(), 1).place().host());
    }
    assertThat(got).hasToString("acacacac");
  }

  @Test
  void leavesATargetAloneForLongerEachTime() {
    Target target = new Target(REFUSING);
    long now = Long.MAX_VALUE - SECOND;
    assertThat(target.healthy(now)).isTrue();
    for (long pause : new long[] {1, 2, 4, 8, 16, 30, 30}) {
      target.refused(now, new IOException("refused"));
      // Others that were refused at the same time do not make it longer.
      target.refused(now + 1, new IOException("refused"));
      assertThat(target.healthy(now + pause * SECOND - 1)).isFalse();
      now += pause * SECOND;
      assertThat(target.healthy(now)).isTrue();
    }
    target.reached();
    target.refused(now, new IOException("refused"));
    assertThat(target.healthy(now + SECOND)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void triesTheNextWhenOneRefuses(boolean wire) throws Exception {
    ScriptedTarget well = saying("ok");
    Served served = served(wire, REFUSING, well.uri());
    assertThat(served.send("POST", "/", 100_000)).startsWith("HTTP/1.1 200").endsWith("ok");
    assertThat(well.requests().get(0)).endsWith("\r\n\r\n" + "x".repeat(100_000));
    assertThat(served.proxy().stats().unhealthy()).containsExactly(REFUSING.toString());
    for (int i = 0; i < 4; i++) {
      assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    }
    assertThat(served.proxy().stats().upstreamErrors()).isZero();
  }

  /** Where the next target has a connection that waits, as after any request before. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void passesABodyOnAnIdleConnectionOfTheNext(boolean wire) throws Exception {
    for (String method : new String[] {"POST", "PUT"}) {
      ScriptedTarget well = saying("ok");
      Served served = served(wire, well.uri(), REFUSING);
      served.ask("GET", "/");
      assertThat(served.send(method, "/", 100_000)).startsWith("HTTP/1.1 200").endsWith("ok");
      assertThat(well.requests().get(1)).endsWith("\r\n\r\n" + "x".repeat(100_000));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void passesABodyOfHttp2OnAnIdleConnectionOfTheNext(boolean wire) throws Exception {
    ScriptedTarget well = saying("ok");
    Served served = served(wire, well.uri(), REFUSING);
    served.ask("GET", "/");
    try (RawHttp2 client = RawHttp2.greeted(served.port(false))) {
      client.headers(
          1,
          0,
          new String[] {
            ":method",
            "POST",
            ":scheme",
            "http",
            ":authority",
            "h",
            ":path",
            "/",
            "content-length",
            "5"
          });
      client.frame(RawHttp2.DATA, 0, 1, "abc".getBytes(StandardCharsets.US_ASCII));
      client.frame(RawHttp2.DATA, 0, 1, "de".getBytes(StandardCharsets.US_ASCII));
      client.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1);
      assertThat(client.outcome(1)).isEqualTo("200");
    }
    assertThat(well.requests().get(1)).endsWith("\r\n\r\nabcde");
    // The whole request was seen to go, so the connection serves the next one.
    assertThat(served.ask("GET", "/")).endsWith("ok");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void asksAgainWhoRefusedOnceItIsBack(boolean wire) throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Served served = served(wire, URI.create("http://127.0.0.1:" + port), saying("ok").uri());
    assertThat(served.ask("GET", "/")).endsWith("ok");
    assertThat(served.proxy().stats().unhealthy()).hasSize(1);
    kept(new ScriptedTarget(port, (head, i) -> ok("back")));
    Served.await(
        "asked again",
        () -> {
          try {
            return served.ask("GET", "/").endsWith("back");
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    assertThat(served.proxy().stats().unhealthy()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answers503WhenNoneIsHealthy(boolean wire) throws Exception {
    Served served = served(wire, REFUSING, URI.create("http://127.0.0.1:2"));
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 502").endsWith("Bad Gateway\n");
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 503").endsWith("\r\n\r\nill\n");
    assertThat(served.send("POST", "/", 10)).startsWith("HTTP/1.1 503").endsWith("\r\n\r\nill\n");
    assertThat(served.ask("HEAD", "/")).startsWith("HTTP/1.1 503").endsWith("\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void triesTheNextWhenOneDoesNotTakeConnections(boolean wire) throws Exception {
    ServerSocket full = kept(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    // Nobody accepts: the kernel drops what comes once its queue is full.
    for (int i = 0; i < 4; i++) {
      SocketChannel waiting = kept(SocketChannel.open());
      waiting.configureBlocking(false);
      waiting.connect(full.getLocalSocketAddress());
    }
    URI hanging = URI.create("http://127.0.0.1:" + full.getLocalPort());
    Served served = served(wire, hanging, saying("ok").uri());
    assertThat(served.send("POST", "/", 10)).startsWith("HTTP/1.1 200").endsWith("ok");
    assertThat(served.proxy().stats().unhealthy()).containsExactly(hanging.toString());
  }

  /** One that takes a connection and says nothing has not been sent any of the request. */
  @ParameterizedTest
  @ValueSource(strings = {"https", "h2c"})
  void triesTheNextWhenOneDoesNotShakeHands(String scheme) throws Exception {
    int port = target((head, i) -> ScriptedTarget.SILENT).uri().getPort();
    URI silent = URI.create(scheme + "://127.0.0.1:" + port);
    Served served = served(true, silent, saying("ok").uri());
    assertThat(served.send("POST", "/", 10)).startsWith("HTTP/1.1 200").endsWith("ok");
    assertThat(served.proxy().stats().unhealthy()).containsExactly(silent.toString());
  }

  static Stream<Arguments> sent() {
    String close = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
    return Stream.of(
            "Content-Length: 2\r\n\r\nab",
            "Content-Length: 0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n")
        .flatMap(
            rest -> Stream.of(true, false).map(wire -> Arguments.of(wire, close + rest, rest)));
  }

  @ParameterizedTest
  @MethodSource("sent")
  void doesNotSendAPostTwice(boolean wire, String request, String rest) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    ScriptedTarget.Script dying =
        (head, i) -> {
          if (head.startsWith("POST")) {
            asked.incrementAndGet();
            return ScriptedTarget.CLOSE;
          }
          return ok("ok");
        };
    Served served = served(wire, target(dying).uri(), target(dying).uri());
    assertThat(served.raw(request)).startsWith("HTTP/1.1 502");
    assertThat(asked).hasValue(1);
    // Nor when the connection was used before.
    served.ask("GET", "/");
    served.ask("GET", "/");
    assertThat(served.raw(request)).startsWith("HTTP/1.1 502");
    assertThat(asked).hasValue(2);
  }

  static Stream<Arguments> methods() {
    return Stream.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE")
        .flatMap(method -> Stream.of(true, false).map(wire -> Arguments.of(wire, method)));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void asksAnotherWhenAUsedConnectionDied(boolean wire, String method) throws Exception {
    AtomicInteger died = new AtomicInteger();
    ScriptedTarget.Script once =
        (head, i) -> {
          if (i == 0) {
            return head.startsWith("HEAD") ? "HTTP/1.1 200 OK\r\n\r\n" : ok("ok");
          }
          died.incrementAndGet();
          return ScriptedTarget.CLOSE;
        };
    Served served = served(wire, target(once).uri(), target(once).uri());
    served.ask("GET", "/");
    served.ask("GET", "/");
    assertThat(served.ask(method, "/")).startsWith("HTTP/1.1 200");
    assertThat(died).hasPositiveValue();
    assertThat(served.proxy().stats().upstreamErrors()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void asksTheNextWhenANewConnectionDied(boolean wire) throws Exception {
    ScriptedTarget other = saying("ok");
    URI closing = target((head, i) -> ScriptedTarget.CLOSE).uri();
    Served served = served(wire, closing, other.uri());
    assertThat(served.ask("GET", "/")).endsWith("ok");
    assertThat(other.requests()).hasSize(1);
    // It is left alone, as one that refuses.
    assertThat(served.proxy().stats().unhealthy()).containsExactly(closing.toString());
    assertThat(served.proxy().stats().upstreamErrors()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 200 O", "HTTP/1.1 103 Early Hints\r\n\r\n"})
  void asksNobodyElseWhenAResponseHadBegun(String said) throws Exception {
    for (boolean wire : new boolean[] {true, false}) {
      ScriptedTarget other = saying("ok");
      Served served =
          served(wire, target((head, i) -> said + ScriptedTarget.CLOSE).uri(), other.uri());
      assertThat(served.ask("GET", "/")).contains("HTTP/1.1 502");
      assertThat(other.requests()).isEmpty();
      assertThat(served.proxy().stats().unhealthy()).isEmpty();
    }
  }

  /** What may be what ends them is not sent to all. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void asksNoMoreThanFourWhenConnectionsDie(boolean wire) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    URI[] targets = new URI[6];
    for (int i = 0; i < targets.length; i++) {
      targets[i] =
          target(
                  (head, n) -> {
                    asked.incrementAndGet();
                    return ScriptedTarget.CLOSE;
                  })
              .uri();
    }
    assertThat(served(wire, targets).ask("GET", "/")).startsWith("HTTP/1.1 502");
    assertThat(asked).hasValue(4);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void asksTheOnlyTargetAtOnceWhenItIsBack(boolean wire) throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Served served = served(wire, URI.create("http://127.0.0.1:" + port));
    for (int i = 0; i < 4; i++) {
      assertThat(served.ask("GET", "/")).startsWith(i == 0 ? "HTTP/1.1 502" : "HTTP/1.1 503");
    }
    kept(new ScriptedTarget(port, (head, i) -> ok("back")));
    assertThat(served.send("POST", "/", 10)).startsWith("HTTP/1.1 200").endsWith("back");
    assertThat(served.proxy().stats().unhealthy()).isEmpty();
  }

  @Test
  void endsToLeaveATargetAloneWithAPassedCheck() {
    Target target = new Target(REFUSING);
    target.refused(0, new IOException("refused"));
    assertThat(target.healthy(1)).isFalse();
    target.alive(true);
    assertThat(target.healthy(1)).isTrue();
  }

  @Test
  void leavesATargetAloneAfterThreeTimeoutsInARow() {
    Target target = new Target(REFUSING);
    for (int i = 0; i < 2; i++) {
      target.timedOut(0);
      target.timedOut(0);
      assertThat(target.healthy(1)).isTrue();
      target.reached();
    }
    target.timedOut(0);
    target.timedOut(0);
    target.timedOut(0);
    assertThat(target.healthy(1)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"true,", "true,HTTP/1.1 200 O", "false,", "false,HTTP/1.1 200 O"})
  void answers504WhenATargetDoesNotAnswer(String parameters) throws Exception {
    String said = parameters.substring(parameters.indexOf(',') + 1);
    ScriptedTarget silent = target((head, i) -> said);
    ScriptedTarget other = saying("ok");
    Served served = served(parameters.startsWith("true"), silent.uri(), other.uri());
    assertThat(served.send("POST", "/", 10)).startsWith("HTTP/1.1 504").endsWith("Timeout\n");
    assertThat(silent.requests()).hasSize(1);
    assertThat(other.requests()).isEmpty();
    assertThat(served.proxy().stats().upstreamErrors()).isEqualTo(1);
    assertThat(served.proxy().stats().unhealthy()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void givesNobodyAnAnswerThatCameTooLate(boolean wire) throws Exception {
    CountDownLatch late = new CountDownLatch(1);
    ScriptedTarget target =
        target(
            (head, i) -> {
              if (!head.startsWith("GET /late")) {
                return ok("new");
              }
              try {
                late.await(20, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return ok("late");
            });
    Served served = served(wire, target.uri());
    try (Socket socket = served.connect()) {
      socket.getOutputStream().write("GET /late HTTP/1.1\r\nHost: h\r\n\r\n".getBytes());
      StringBuilder got = new StringBuilder();
      while (!got.toString().endsWith("Timeout\n")) {
        got.append((char) socket.getInputStream().read());
      }
      assertThat(got).startsWith("HTTP/1.1 504");
      late.countDown();
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".getBytes());
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200")
          .endsWith("\r\n\r\nnew");
    }
  }
}
