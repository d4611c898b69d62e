package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyTable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a target's bytes, both where they pass as bytes and through the codecs. */
class AnswerTest {

  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final Limits SHORT =
      new Limits(
          32 * 1024,
          8 * 1024,
          Duration.ofMillis(1000),
          Duration.ofSeconds(3),
          Duration.ofSeconds(3),
          Duration.ofMillis(500),
          100);
  private static final Limits SHORT_HEAD =
      new Limits(
          32 * 1024,
          8 * 1024,
          Duration.ofMillis(300),
          Duration.ofSeconds(3),
          Duration.ofSeconds(3),
          Duration.ofMillis(500),
          100);
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private HttpProxy proxy;
  private ScriptedTarget target;

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    target.close();
  }

  private void start(boolean wire, ScriptedTarget.Script script) throws Exception {
    start(wire, script, SHORT);
  }

  private void start(boolean wire, ScriptedTarget.Script script, Limits limits) throws Exception {
    target = new ScriptedTarget(script);
    proxy =
        HttpProxy.builder()
            .http(ANY)
            .tls(ANY)
            .threads(1)
            .limits(limits)
            .wire(wire)
            .drainLimit(Duration.ofSeconds(2))
            .start();
    Route route =
        new Route(new RouteId("", "", ""), List.of(target.uri()), "", "", HealthCheck.NONE);
    proxy.apply(new ProxyTable(List.of(route), List.of(), ErrorPages.DEFAULT));
  }

  private String raw(String... parts) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), proxy.httpAddress().getPort())) {
      socket.setSoTimeout(10_000);
      for (String part : parts) {
        socket.getOutputStream().write(part.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
      }
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static String get(String method) {
    return method + " /p HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  }

  /** Name, method, what the target says, what the client must get (headers in lower case). */
  static Stream<Arguments> answers() {
    String end = "via: 1.1 portal\r\nconnection: close\r\n\r\n";
    List<String[]> rows =
        List.of(
            new String[] {
              "length", "GET", OK, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n" + end + "ok"
            },
            new String[] {
              "hop by hop",
              "GET",
              "HTTP/1.1 200 OK\r\nConnection: X-A, keep-alive\r\nX-A: 1\r\nKeep-Alive: x\r\n"
                  + "X-B: 2\r\nContent-Length: 0\r\n\r\n",
              "HTTP/1.1 200 OK\r\nx-b: 2\r\ncontent-length: 0\r\n" + end
            },
            new String[] {
              "chunks and trailers",
              "GET",
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n"
                  + "0\r\nX-T: 1\r\n\r\n",
              "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n"
                  + end
                  + "2\r\nab\r\n1\r\nc\r\n0\r\nx-t: 1\r\n\r\n"
            },
            new String[] {
              "head",
              "HEAD",
              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
              "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n" + end
            },
            new String[] {
              "no content",
              "GET",
              "HTTP/1.1 204 No Content\r\n\r\n",
              "HTTP/1.1 204 No Content\r\n" + end
            },
            new String[] {
              "not modified",
              "GET",
              "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nEtag: x\r\n\r\n",
              "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\netag: x\r\n" + end
            },
            new String[] {
              "no content, framed",
              "GET",
              "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nX-A: 1\r\n"
                  + "Transfer-Encoding: chunked\r\n\r\n",
              "HTTP/1.1 204 No Content\r\nx-a: 1\r\n" + end
            },
            new String[] {
              "not modified, chunked",
              "GET",
              "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\nEtag: x\r\n\r\n",
              "HTTP/1.1 304 Not Modified\r\netag: x\r\n" + end
            },
            new String[] {
              "early hints, framed",
              "GET",
              "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\nLink: </a>\r\n\r\n" + OK,
              "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
                  + "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n"
                  + end
                  + "ok"
            },
            new String[] {
              "trailers that are none",
              "GET",
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"
                  + "0\r\nContent-Length: 9\r\nX-T: 1\r\nConnection: x-t\r\n"
                  + "Transfer-Encoding: x\r\n\r\n",
              "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n"
                  + end
                  + "2\r\nab\r\n0\r\nx-t: 1\r\n\r\n"
            },
            new String[] {
              "early hints",
              "GET",
              "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK,
              "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
                  + "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n"
                  + end
                  + "ok"
            });
    return rows.stream()
        .flatMap(
            row ->
                Stream.of(true, false)
                    .map(wire -> Arguments.of(row[0], wire, row[1], row[2], row[3])));
  }

  @ParameterizedTest(name = "{0}, as bytes: {1}")
  @MethodSource("answers")
  void passes(String name, boolean wire, String method, String said, String expected)
      throws Exception {
    start(wire, (head, i) -> said);
    String got = raw(get(method));
    assertThat(got.toLowerCase(Locale.ROOT)).isEqualTo(expected.toLowerCase(Locale.ROOT));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endsABodyThatEndsWithTheTargetsConnectionWithChunks(boolean wire) throws Exception {
    start(wire, (head, i) -> "HTTP/1.1 200 OK\r\n\r\nhello" + ScriptedTarget.CLOSE);
    assertThat(raw(get("GET")).toLowerCase(Locale.ROOT))
        .contains("transfer-encoding: chunked\r\n")
        .endsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void passes100Continue(boolean wire) throws Exception {
    start(wire, (head, i) -> "HTTP/1.1 100 Continue\r\n\r\n" + OK);
    String got =
        raw(
            "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
                + "Connection: close\r\n\r\n",
            "ab");
    assertThat(got).startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK").endsWith("ok");
    assertThat(target.requests().get(0)).containsIgnoringCase("expect: 100-continue");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void takesAnAnswerOfHttp10(boolean wire) throws Exception {
    start(wire, (head, i) -> "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assertThat(raw(get("GET"))).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nok");
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
            "nonsense\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: a\u0000b\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok" + ScriptedTarget.CLOSE,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nok" + ScriptedTarget.CLOSE,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nX Y: z\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
            "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 0 X\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 000 X\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 99 X\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 099 X\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 1000 X\r\nContent-Length: 2\r\n\r\nok",
            ScriptedTarget.CLOSE)
        .flatMap(said -> Stream.of(true, false).map(wire -> Arguments.of(wire, said)));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void answers502ToWhatIsNoAnswer(boolean wire, String said) throws Exception {
    start(wire, (head, i) -> said);
    assertThat(raw(get("POST"))).startsWith("HTTP/1.1 502 Bad Gateway\r\n");
    assertThat(proxy.stats().upstreamErrors()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void passesOptionsOfTheWholeServer(boolean wire) throws Exception {
    start(wire, (head, i) -> OK);
    assertThat(raw("OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(target.requests().get(0)).startsWith("OPTIONS * HTTP/1.1\r\n");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void asksForNoH2cAmongOtherUpgrades(boolean wire) throws Exception {
    start(wire, (head, i) -> OK);
    String upgrade = "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade, close\r\nUpgrade: ";
    raw(upgrade + "h2c, websocket\r\n\r\n");
    raw(upgrade + "H2C\r\n\r\n");
    assertThat(target.requests().get(0).toLowerCase(Locale.ROOT))
        .contains("\r\nupgrade: websocket\r\n");
    assertThat(target.requests().get(1).toLowerCase(Locale.ROOT)).doesNotContain("upgrade");
  }

  /** A connection that drains says so with the response that is its last. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void announcesThatADrainingConnectionCloses(boolean wire) throws Exception {
    start(wire, (head, i) -> ScriptedTarget.LATER + OK);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    int port = proxy.httpAddress().getPort();
    byte[] request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = new Socket(loopback, port);
        Socket idle = new Socket(loopback, port)) {
      socket.setSoTimeout(10_000);
      idle.setSoTimeout(10_000);
      socket.getOutputStream().write(request);
      Served.await("asked", () -> !target.requests().isEmpty());
      Thread closing = new Thread(proxy::close);
      closing.start();
      // Closed once the proxy drains.
      assertThat(idle.getInputStream().read()).isNegative();
      target.sendLater();
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200")
          .containsIgnoringCase("\r\nconnection: close\r\n")
          .endsWith("ok");
      closing.join();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cutsAnAnswerThatIsNotWhole(boolean wire) throws Exception {
    start(
        wire,
        (head, i) -> "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello" + ScriptedTarget.CLOSE);
    // No second answer, no end of chunks: the client sees five of ten bytes and the end.
    assertThat(raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n")).endsWith("\r\n\r\nhello");
    assertThat(proxy.stats().upstreamErrors()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void asksAgainWhenAnIdleConnectionWasClosed(boolean wire) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    // Says nothing of closing, but closes on the second request of a connection.
    start(
        wire,
        (head, i) -> {
          asked.incrementAndGet();
          return i == 0 ? OK : ScriptedTarget.CLOSE;
        });
    assertThat(raw(get("GET"))).startsWith("HTTP/1.1 200");
    assertThat(raw(get("GET"))).startsWith("HTTP/1.1 200");
    assertThat(asked).hasValue(3);
    assertThat(
            raw("POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab"))
        .startsWith("HTTP/1.1 502");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answersInTimeOrWith504(boolean wire) throws Exception {
    start(wire, (head, i) -> ScriptedTarget.SILENT);
    assertThat(raw(get("GET"))).startsWith("HTTP/1.1 504 Gateway Timeout\r\n");
  }

  /** Headers of the request, what the target says, what the client must get in lower case. */
  static Stream<Arguments> toOldClients() {
    String ok = "http/1.1 200 ok\r\n";
    String via = "via: 1.1 portal\r\n";
    String close = via + "connection: close\r\n\r\n";
    String chunks =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n";
    String keep = "Host: h\r\nConnection: keep-alive\r\n";
    return Stream.of(
            List.of("", OK, ok + "content-length: 2\r\n" + close + "ok"),
            List.of("Host: h\r\n", chunks + "\r\n", ok + close + "abc"),
            List.of(keep, chunks + "X: 1\r\n\r\n", ok + close + "abc"),
            List.of(keep, "HTTP/1.1 200 OK\r\n\r\nabc" + ScriptedTarget.CLOSE, ok + close + "abc"),
            List.of(
                "Host: h\r\nExpect: 100-continue\r\nConnection: upgrade\r\nUpgrade: x\r\n",
                "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK,
                ok + "content-length: 2\r\n" + close + "ok"))
        .flatMap(
            row ->
                Stream.of(true, false)
                    .map(wire -> Arguments.of(wire, row.get(0), row.get(1), row.get(2))));
  }

  /** HTTP/1.0 knows no chunks, no 1xx and no upgrades, and may leave Host out. */
  @ParameterizedTest
  @MethodSource("toOldClients")
  void speaksHttp10(boolean wire, String headers, String said, String expected) throws Exception {
    start(wire, (head, i) -> said);
    assertThat(raw("GET /p HTTP/1.0\r\n" + headers + "\r\n").toLowerCase(Locale.ROOT))
        .isEqualTo(expected);
    String host = headers.isEmpty() ? "127.0.0.1:" + proxy.httpAddress().getPort() : "h";
    assertThat(target.requests().get(0).toLowerCase(Locale.ROOT))
        .startsWith("get /p http/1.1\r\n")
        .contains("\r\nhost: " + host + "\r\n")
        .doesNotContain("expect", "upgrade");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void keepsConnectionsOfHttp10ThatAskForIt(boolean wire) throws Exception {
    start(wire, (head, i) -> OK);
    String kept = "GET / HTTP/1.0\r\nHost: h\r\nConnection: Keep-Alive\r\n\r\n";
    assertThat(raw(kept, "OPTIONS / HTTP/1.0\r\n\r\n").toLowerCase(Locale.ROOT))
        .matches(
            "(?s)http/1.1 200 ok.*connection: keep-alive\r\n\r\nok"
                + "http/1.1 200 ok.*connection: close\r\n\r\nok");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void resetsHttp10WhereTheEndOfTheConnectionWouldLookLikeThatOfTheResponse(boolean wire)
      throws Exception {
    String cut = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab";
    start(wire, (head, i) -> cut + ScriptedTarget.CLOSE);
    assertThatThrownBy(() -> raw("GET / HTTP/1.0\r\n\r\n")).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answers408WhenAHeadDoesNotCome(boolean wire) throws Exception {
    start(wire, (head, i) -> OK, SHORT_HEAD);
    assertThat(raw("GET / HT")).startsWith("HTTP/1.1 408 ");
    assertThat(raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HT"))
        .contains("\r\n\r\nokHTTP/1.1 408 ");
    assertThat(raw("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void passesBodiesAndWhatComesBehindThem(boolean wire) throws Exception {
    start(wire, (head, i) -> OK);
    String got =
        raw(
            "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab",
            "cdePOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
                + "GET /3 HTTP/1.1\r\nHost: h\r\nConn",
            "ection: close\r\n\r\n");
    assertThat(got.split("HTTP/1.1 200", -1)).hasSize(4);
    assertThat(target.requests()).hasSize(3);
    assertThat(target.requests().get(0)).startsWith("POST /1 HTTP/1.1\r\n").endsWith("abcde");
    assertThat(target.requests().get(1)).startsWith("POST /2 HTTP/1.1\r\n");
    assertThat(target.requests().get(2)).startsWith("GET /3 HTTP/1.1\r\n");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void passesAnAnswerThatComesBeforeTheRequestsEnd(boolean wire) throws Exception {
    start(
        wire,
        (head, i) ->
            "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n"
                + ScriptedTarget.CLOSE);
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), proxy.httpAddress().getPort())) {
      socket.setSoTimeout(10_000);
      byte[] head =
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII);
      socket.getOutputStream().write(head);
      StringBuilder got = new StringBuilder();
      while (!got.toString().endsWith("no\n")) {
        int b = socket.getInputStream().read();
        assertThat(b).as("after " + got).isNotNegative();
        got.append((char) b);
      }
      assertThat(got).startsWith("HTTP/1.1 413 ");
      // The rest of the body is swallowed, and the connection serves the next request.
      socket.getOutputStream().write(new byte[1000000]);
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 413");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void saysWhoAsked(boolean wire) throws Exception {
    start(wire, (head, i) -> OK);
    raw(
        "GET /a%20b?c=d HTTP/1.1\r\nHost: Ex.org:81\r\nX-A: 1\r\nConnection: close\r\n"
            + "X-B: 2\r\n\r\n");
    assertThat(target.requests().get(0).toLowerCase(Locale.ROOT))
        .startsWith("get /a%20b?c=d http/1.1\r\n")
        .contains("\r\nhost: ex.org:81\r\n")
        .contains("\r\nx-a: 1\r\n")
        .contains("\r\nx-b: 2\r\n")
        .contains("\r\nx-forwarded-for: 127.0.0.1\r\n")
        .contains("\r\nx-forwarded-proto: http\r\n")
        .contains("\r\nx-forwarded-host: ex.org:81\r\n")
        .contains("\r\nx-forwarded-port: " + proxy.httpAddress().getPort() + "\r\n")
        .doesNotContain("\r\nvia:")
        .doesNotContain("\r\nconnection:");
  }

  private HttpResponse<String> second(HttpRequest.Builder request) throws Exception {
    URI uri = URI.create("https://localhost:" + proxy.tlsAddress().getPort() + "/p");
    return HttpClient.newBuilder()
        .sslContext(Served.trusting())
        .version(HttpClient.Version.HTTP_2)
        .build()
        .send(
            request.uri(uri).timeout(Duration.ofSeconds(10)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void passesAllFramingsToHttp2(boolean wire) throws Exception {
    start(
        wire,
        (head, i) -> {
          if (head.contains("x-kind: chunks")) {
            return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n"
                + "0\r\nX-T: 1\r\n\r\n";
          }
          if (head.contains("x-kind: close")) {
            return "HTTP/1.1 200 OK\r\n\r\nhello" + ScriptedTarget.CLOSE;
          }
          if (head.contains("x-kind: none")) {
            return "HTTP/1.1 204 No Content\r\n\r\n";
          }
          return OK;
        });
    HttpResponse<String> length = second(HttpRequest.newBuilder());
    assertThat(length.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(length.body()).isEqualTo("ok");
    assertThat(length.headers().firstValue("via")).hasValue("1.1 portal");
    assertThat(second(HttpRequest.newBuilder().header("x-kind", "chunks")).body()).isEqualTo("abc");
    assertThat(second(HttpRequest.newBuilder().header("x-kind", "close")).body())
        .isEqualTo("hello");
    assertThat(second(HttpRequest.newBuilder().header("x-kind", "none")).statusCode())
        .isEqualTo(204);
    String large = "x".repeat(500_000);
    HttpResponse<String> posted =
        second(HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString(large)));
    assertThat(posted.body()).isEqualTo("ok");
    String request = target.requests().get(target.requests().size() - 1);
    assertThat(request).endsWith("\r\n\r\n" + large);
    assertThat(request.toLowerCase(Locale.ROOT))
        .contains("\r\nx-forwarded-proto: https\r\n")
        .doesNotContain("\r\nvia:");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void resetsAnHttp2StreamWhoseAnswerIsNotWhole(boolean wire) throws Exception {
    start(
        wire,
        (head, i) -> "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello" + ScriptedTarget.CLOSE);
    assertThatThrownBy(() -> second(HttpRequest.newBuilder())).isInstanceOf(IOException.class);
  }
}
