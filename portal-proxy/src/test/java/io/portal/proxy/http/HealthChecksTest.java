package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.proxy.tls.SelfSigned;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What active checks ask, what they take for alive, and what they do to a target's requests. */
class HealthChecksTest extends Closing {

  private static final Duration PATIENT = Duration.ofSeconds(20);
  private static final String WELL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell";
  private static final String ILL = "HTTP/1.1 500 Ill\r\nContent-Length: 3\r\n\r\nill";

  private Served served(boolean wire) throws IOException {
    return kept(
        Served.start(
            wire, builder -> builder.ignoreUpstream(true).healthInterval(Duration.ofMillis(20))));
  }

  private ScriptedTarget target(ScriptedTarget.Script script) throws IOException {
    return kept(new ScriptedTarget(script));
  }

  private static HealthCheck check(Duration timeout, int attempts) {
    return new HealthCheck("/health", 200, "", "", "", timeout, attempts);
  }

  private static void awaitOut(Served served, URI target) {
    Served.await(
        target + " taken out",
        () -> served.proxy().stats().unhealthy().equals(List.of(target.toString())));
  }

  private static void awaitIn(Served served) {
    Served.await("taken in", () -> served.proxy().stats().unhealthy().isEmpty());
  }

  @Test
  void asksForTheEndpointAsTheHost() throws Exception {
    ScriptedTarget target = target((head, i) -> WELL);
    Served served = served(true);
    served.to(new HealthCheck("up?now", 200, "", "", "", PATIENT, 1), target.uri());
    Served.await("a question", () -> !target.requests().isEmpty());
    assertThat(target.requests().get(0).toLowerCase(Locale.ROOT))
        .startsWith("get /up?now http/1.1\r\n")
        .contains("\r\nhost: 127.0.0.1:" + target.uri().getPort() + "\r\n");
    served.to(new HealthCheck("/up", 200, "", "", "probe.test:81", PATIENT, 1), target.uri());
    Served.await(
        "the other question",
        () -> target.requests().stream().anyMatch(head -> head.startsWith("GET /up HTTP/1.1")));
    assertThat(target.requests().get(target.requests().size() - 1).toLowerCase(Locale.ROOT))
        .startsWith("get /up http/1.1\r\n")
        .containsOnlyOnce("\r\nhost: ")
        .contains("\r\nhost: probe.test:81\r\n");
  }

  private static String answer(int code, String header, String body) {
    return "HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n\r\n%s"
        .formatted(code, body.length(), header, body);
  }

  /** Answers where 201, {@code X-State: good} and {@code well} are expected. */
  static Stream<Arguments> answers() {
    String good = "X-State: good";
    return Stream.of(
        Arguments.of(true, answer(201, good, "well")),
        Arguments.of(true, answer(201, "x-state:good", "well")),
        Arguments.of(true, answer(201, "X-State: bad\r\nX-State: good", "well")),
        Arguments.of(true, "HTTP/1.1 103 Early\r\nX: y\r\n\r\n" + answer(201, good, "well")),
        Arguments.of(
            true,
            "HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\nX-State: good\r\n\r\n"
                + "2\r\nwe\r\n2\r\nll\r\n0\r\n\r\n"),
        Arguments.of(true, "HTTP/1.1 201 X\r\n" + good + "\r\n\r\nwell" + ScriptedTarget.CLOSE),
        Arguments.of(false, answer(200, good, "well")),
        Arguments.of(false, answer(503, good, "well")),
        Arguments.of(false, answer(201, "X-State: bad", "well")),
        Arguments.of(false, answer(201, "X-State: good, bad", "well")),
        Arguments.of(false, answer(201, "X-Other: good", "well")),
        Arguments.of(false, answer(201, good, "")),
        Arguments.of(false, answer(201, good, "wel")),
        Arguments.of(false, answer(201, good, "well\n")),
        Arguments.of(false, answer(201, good, "sick")),
        Arguments.of(
            false,
            "HTTP/1.1 201 X\r\nContent-Length: 9\r\nX-State: good\r\n\r\nwell"
                + ScriptedTarget.CLOSE),
        Arguments.of(false, "nonsense\r\n\r\n"),
        Arguments.of(false, ScriptedTarget.CLOSE));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void everythingMustHold(boolean alive, String said) throws Exception {
    ScriptedTarget target = target((head, i) -> said);
    Served served =
        served(true)
            .to(new HealthCheck("/h", 201, "well", "X-State: good", "", PATIENT, 1), target.uri());
    if (alive) {
      // A question is asked when the one before is decided.
      Served.await("some answers", () -> target.requests().size() > 3);
      assertThat(served.proxy().stats().unhealthy()).isEmpty();
    } else {
      awaitOut(served, target.uri());
    }
  }

  @Test
  void readsNoMoreThanDecides() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    // No end of the body comes.
    ScriptedTarget target =
        target(
            (head, i) -> {
              asked.incrementAndGet();
              return "HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\nw";
            });
    Served served = served(true).to(check(PATIENT, 1), target.uri());
    Served.await("some answers", () -> asked.get() > 3);
    assertThat(served.proxy().stats().unhealthy()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void takesOutAndBackIn(boolean wire) throws Exception {
    AtomicBoolean ill = new AtomicBoolean();
    ScriptedTarget.Script first =
        (head, i) ->
            head.startsWith("GET /health") ? ill.get() ? ILL : WELL : answer(200, "A: b", "1");
    ScriptedTarget one = target(first);
    ScriptedTarget two = target((head, i) -> answer(200, "A: b", "2"));
    Served served = served(wire).to(check(PATIENT, 3), one.uri(), two.uri());
    for (int i = 0; i < 2; i++) {
      ill.set(true);
      awaitOut(served, one.uri());
      for (int j = 0; j < 4; j++) {
        assertThat(Served.body(served.ask("GET", "/"))).isEqualTo("2");
      }
      ill.set(false);
      awaitIn(served);
      String got = "";
      for (int j = 0; j < 4; j++) {
        got += Served.body(served.ask("GET", "/"));
      }
      assertThat(got).isIn("1212", "2121");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answers503WhenAllAreTakenOut(boolean wire) throws Exception {
    ScriptedTarget target = target((head, i) -> ILL);
    Served served = served(wire).to(check(PATIENT, 1), target.uri());
    awaitOut(served, target.uri());
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 503").endsWith("\r\n\r\nill\n");
  }

  @Test
  void takesOutAfterSoManyAttempts() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    // Two failures, then an answer.
    ScriptedTarget.Script third = (head, i) -> asked.incrementAndGet() % 3 == 0 ? WELL : ILL;
    ScriptedTarget target = target(third);
    Served served = served(true).to(check(PATIENT, 3), target.uri());
    Served.await(
        "many answers",
        () -> {
          assertThat(served.proxy().stats().unhealthy()).isEmpty();
          return asked.get() > 30;
        });
    served.to(check(PATIENT, 2), target.uri());
    awaitOut(served, target.uri());
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of("silent", ""),
        Arguments.of("silent in its head", "HTTP/1.1 200 OK\r\nX: y\r\n"),
        Arguments.of("silent in its body", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwe"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void takesOutWhoDoesNotAnswerInTime(String name, String said) throws Exception {
    ScriptedTarget target = target((head, i) -> said);
    HealthCheck check = new HealthCheck("/h", 200, "well", "", "", Duration.ofMillis(100), 2);
    Served served = served(true).to(check, target.uri());
    awaitOut(served, target.uri());
    assertThat(target.requests()).hasSizeGreaterThanOrEqualTo(2);
  }

  /** It always says something, but never an answer. */
  @Test
  void takesOutWhoIsBusyForever() throws Exception {
    ServerSocket busy = kept(new ServerSocket(0, 10, InetAddress.getLoopbackAddress()));
    Thread thread =
        new Thread(
            () -> {
              while (!busy.isClosed()) {
                try (Socket socket = busy.accept()) {
                  OutputStream out = socket.getOutputStream();
                  while (true) {
                    out.write(
                        "HTTP/1.1 102 Processing\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                  }
                } catch (IOException e) {
                  // The check closed, or the test.
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
    URI uri = URI.create("http://127.0.0.1:" + busy.getLocalPort());
    Served served = served(true).to(check(Duration.ofMillis(200), 1), uri);
    awaitOut(served, uri);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1:1", "http://unknown.invalid", "https://127.0.0.1:1"})
  void takesOutWhoCannotBeReached(URI uri) throws Exception {
    Served served = served(true).to(check(Duration.ofSeconds(2), 3), uri);
    awaitOut(served, uri);
  }

  @ParameterizedTest
  @EnumSource
  void asksAsRequestsGo(NettyTarget.Kind kind) throws Exception {
    SelfSigned certificate = SelfSigned.create(Instant.now(), List.of("localhost"));
    NettyTarget target = kept(new NettyTarget(kind, certificate, 100));
    String version = kind.second() ? "HTTP/2" : "HTTP/1.1";
    String body = "GET /health " + version + " bytes=0 trailer=null upgrade=null";
    Served served =
        served(true).to(new HealthCheck("/health", 200, body, "", "", PATIENT, 1), target.uri());
    Served.await("some questions", () -> target.connections() > 3);
    assertThat(served.proxy().stats().unhealthy()).isEmpty();
    served.to(new HealthCheck("/health", 200, body + "x", "", "", PATIENT, 1), target.uri());
    awaitOut(served, target.uri());
    // Connections of checks are closed.
    served.to(HealthCheck.NONE, target.uri());
    Served.await("none open", () -> target.open() == 0);
  }

  @Test
  void takesOutWhoseCertificateIsNotTrusted() throws Exception {
    SelfSigned certificate = SelfSigned.create(Instant.now(), List.of("localhost"));
    NettyTarget target = kept(new NettyTarget(NettyTarget.Kind.HTTPS, certificate, 100));
    Served served =
        kept(Served.start(true, builder -> builder.healthInterval(Duration.ofMillis(20))))
            .to(check(PATIENT, 1), target.uri());
    awaitOut(served, target.uri());
  }

  /** A target that says so when it is asked, and answers when it is let. */
  private static final class Slow implements ScriptedTarget.Script {

    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final String path;
    private final String said;

    Slow(String path, String said) {
      this.path = path;
      this.said = said;
    }

    @Override
    public String answer(String head, int ofConnection) {
      if (!head.startsWith("GET " + path + " ")) {
        return WELL;
      }
      asked.incrementAndGet();
      try {
        go.await(20, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return said;
    }
  }

  @Test
  void asksNobodyAgainBeforeItAnswered() throws Exception {
    Slow script = new Slow("/health", WELL);
    ScriptedTarget slow = target(script);
    ScriptedTarget quick = target((head, i) -> WELL);
    served(true).to(check(PATIENT, 3), slow.uri(), quick.uri());
    Served.await("rounds", () -> quick.requests().size() > 10);
    assertThat(script.asked).hasValue(1);
    script.go.countDown();
    Served.await("the next question", () -> script.asked.get() > 1);
  }

  @Test
  void asksSoManyAtOnceAndAllInTheEnd() throws Exception {
    SelfSigned none = SelfSigned.create(Instant.now(), List.of("localhost"));
    NettyTarget target = kept(new NettyTarget(NettyTarget.Kind.HTTP, none, 100));
    URI[] many =
        IntStream.range(0, 1500)
            .mapToObj(i -> URI.create(target.uri() + "/" + i))
            .toArray(URI[]::new);
    Served served = served(true);
    // Nobody is answered before all are there.
    served.to(new HealthCheck("/together/1500", 200, "", "", "", PATIENT, 1), many);
    Served.standstill("the questions", target::waiting);
    assertThat(target.waiting()).isEqualTo(1024);
    NettyTarget quick = kept(new NettyTarget(NettyTarget.Kind.HTTP, none, 100));
    kept(Served.start(true, builder -> builder.healthInterval(Duration.ofMillis(20))))
        .to(
            check(PATIENT, 1),
            Stream.of(many)
                .map(uri -> URI.create(quick.uri() + uri.getPath()))
                .toArray(URI[]::new));
    Served.await("all", () -> quick.connections() >= 1500);
  }

  @Test
  void takesNewTargetsForHealthy() throws Exception {
    ScriptedTarget target = target((head, i) -> head.startsWith("GET /health") ? ILL : WELL);
    Served served =
        kept(Served.start(true, builder -> builder.healthInterval(Duration.ofHours(1))))
            .to(check(PATIENT, 1), target.uri());
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void keepsWhatItKnowsWhenARouteIsChanged(boolean wire) throws Exception {
    ScriptedTarget ill = target((head, i) -> ILL);
    ScriptedTarget well = target((head, i) -> WELL);
    Served served = served(wire).to(check(PATIENT, 1), ill.uri(), well.uri());
    awaitOut(served, ill.uri());
    // A target more: the one that was taken out is not asked until it is alive.
    ScriptedTarget more = target((head, i) -> WELL);
    served.to(check(PATIENT, 1), more.uri(), ill.uri(), well.uri());
    assertThat(served.proxy().stats().unhealthy()).containsExactly(ill.uri().toString());
    for (int i = 0; i < 6; i++) {
      assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    }
    // Another check, or none: what the old one found says nothing.
    served.to(HealthCheck.NONE, ill.uri());
    assertThat(served.proxy().stats().unhealthy()).isEmpty();
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 500");
  }

  @Test
  void forgetsWhatAReplacedRoutesCheckFinds() throws Exception {
    Slow script = new Slow("/old", ILL);
    ScriptedTarget target = target(script);
    Served served = served(true);
    served.to(new HealthCheck("/old", 200, "", "", "", PATIENT, 1), target.uri());
    Served.await("the old question", () -> script.asked.get() > 0);
    served.to(new HealthCheck("/new", 200, "", "", "", PATIENT, 1), target.uri());
    Served.await("a new question", () -> count(target, "GET /new ") > 0);
    script.go.countDown();
    Served.await("the old answer", () -> count(target, "GET /old ") > 0);
    int before = count(target, "GET /new ");
    Served.await("more new questions", () -> count(target, "GET /new ") > before + 3);
    assertThat(served.proxy().stats().unhealthy()).isEmpty();
    assertThat(script.asked).hasValue(1);
    // A route that is gone while its check runs is no error either.
    served.routes();
    served.routes(
        new Route(new RouteId("", "", ""), List.of(target.uri()), "", "", check(PATIENT, 1)));
    Served.await("the next route's question", () -> count(target, "GET /health ") > 0);
  }

  private static int count(ScriptedTarget target, String start) {
    return (int) target.requests().stream().filter(head -> head.startsWith(start)).count();
  }
}
