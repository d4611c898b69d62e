package io.portal.proxy.http;

import static io.portal.proxy.http.RawHttp2.CONTINUATION;
import static io.portal.proxy.http.RawHttp2.DATA;
import static io.portal.proxy.http.RawHttp2.END_HEADERS;
import static io.portal.proxy.http.RawHttp2.END_STREAM;
import static io.portal.proxy.http.RawHttp2.GOAWAY;
import static io.portal.proxy.http.RawHttp2.HEADERS;
import static io.portal.proxy.http.RawHttp2.PADDED;
import static io.portal.proxy.http.RawHttp2.PING;
import static io.portal.proxy.http.RawHttp2.PUSH_PROMISE;
import static io.portal.proxy.http.RawHttp2.RST_STREAM;
import static io.portal.proxy.http.RawHttp2.SETTINGS;
import static io.portal.proxy.http.RawHttp2.WINDOW_UPDATE;
import static io.portal.proxy.http.RawHttp2.WITH_PRIORITY;
import static io.portal.proxy.http.RawHttp2.block;
import static io.portal.proxy.http.RawHttp2.number;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Frames that HTTP/2 forbids, or of which there are too many, as bytes on a connection (RFC 9113
 * 5.4, 10.5): alike where requests pass as bytes and through the codecs, and the next connection is
 * served as if nothing had been.
 */
class Http2DefenceTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  /** A proxy with its own target. */
  private record Place(Served proxy, ScriptedTarget target) {

    RawHttp2 connect() throws IOException {
      return RawHttp2.greeted(proxy.port(false));
    }

    /**
     * What the target saw of others than the one request that is served to show that all is well.
     */
    List<String> seen() throws IOException {
      try (RawHttp2 next = connect()) {
        next.get(1, "/marker");
        assertThat(next.outcome(1)).isEqualTo("200");
      }
      return target.requests().stream().filter(one -> !one.startsWith("GET /marker ")).toList();
    }
  }

  private Place start(boolean wire, ScriptedTarget.Script script) throws Exception {
    ScriptedTarget target = new ScriptedTarget(script);
    open.add(target);
    Served proxy = Served.before(target.uri(), wire, Limits.DEFAULT);
    open.add(0, proxy);
    return new Place(proxy, target);
  }

  private Place start(boolean wire) throws Exception {
    return start(wire, (head, i) -> OK);
  }

  static Stream<Arguments> requests() {
    return TableText.rows("defence-http2.txt", 6)
        .flatMap(cells -> Stream.of(true, false).map(wire -> Arguments.of(cells[2], wire, cells)));
  }

  @ParameterizedTest(name = "{0}, as bytes: {1}")
  @MethodSource("requests")
  void answersOrResets(String name, boolean wire, String[] cells) throws Exception {
    Place place = start(wire);
    String data = cells.length > 4 ? TableText.unescape(cells[4]) : "-";
    boolean bare = data.equals("-");
    boolean trailers = cells.length > 5;
    try (RawHttp2 client = place.connect()) {
      client.headers(1, bare ? END_STREAM : 0, headers(cells[3]));
      if (!bare) {
        client.frame(
            DATA, trailers ? 0 : END_STREAM, 1, data.getBytes(StandardCharsets.ISO_8859_1));
      }
      if (trailers) {
        client.headers(1, END_STREAM, headers(cells[5]));
      }
      assertThat(client.outcome(1)).isIn((Object[]) cells[0].split(" or "));
      // It was a stream's fault: the connection's others are served.
      client.get(3, "/marker");
      assertThat(client.outcome(3)).isEqualTo("200");
    }
    List<String> seen = place.seen();
    String[] counts = cells[1].split("-", -1);
    assertThat(seen)
        .hasSizeBetween(Integer.parseInt(counts[0]), Integer.parseInt(counts[counts.length - 1]));
    assertThat(String.join("", seen)).doesNotContain("evil").doesNotContain("2, 2");
  }

  private static String[] headers(String cell) {
    return Stream.of(cell.split("; ", -1))
        .flatMap(one -> Stream.of(one.split(" ", 2)))
        .map(TableText::unescape)
        .toArray(String[]::new);
  }

  /** Sends what is wrong. */
  private interface Abuse {
    void send(RawHttp2 client) throws IOException;
  }

  private static Arguments abuse(String name, String outcome, Abuse abuse) {
    return Arguments.of(name, outcome, abuse);
  }

  private static byte[] request() {
    return block(":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/");
  }

  private static byte[] post() {
    return block(":method", "POST", ":scheme", "http", ":authority", "h", ":path", "/");
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static Stream<Arguments> wrong() {
    String protocol = "goaway PROTOCOL_ERROR";
    String size = "goaway FRAME_SIZE_ERROR";
    String flow = "goaway FLOW_CONTROL_ERROR";
    String calm = "goaway ENHANCE_YOUR_CALM";
    return Stream.of(
            abuse("window update of 0", protocol, c -> c.frame(WINDOW_UPDATE, 0, 0, number(0))),
            abuse(
                "window beyond 31 bits",
                flow,
                c -> c.frame(WINDOW_UPDATE, 0, 0, number(Integer.MAX_VALUE))),
            abuse("window update of 3 bytes", size, c -> c.frame(WINDOW_UPDATE, 0, 0, new byte[3])),
            abuse(
                "window update of an idle stream",
                protocol,
                c -> c.frame(WINDOW_UPDATE, 0, 5, number(1))),
            abuse("data of no stream", protocol, c -> c.frame(DATA, 0, 0, new byte[1])),
            abuse("data of an idle stream", protocol, c -> c.frame(DATA, 0, 1, new byte[1])),
            abuse(
                "headers of no stream", protocol, c -> c.frame(HEADERS, END_HEADERS, 0, request())),
            abuse(
                "headers of a stream of ours",
                protocol,
                c -> c.frame(HEADERS, END_HEADERS | END_STREAM, 2, request())),
            abuse("reset of an idle stream", protocol, c -> c.frame(RST_STREAM, 0, 7, number(8))),
            abuse("reset of no stream", protocol, c -> c.frame(RST_STREAM, 0, 0, number(8))),
            abuse("reset of 3 bytes", size, c -> c.frame(RST_STREAM, 0, 1, new byte[3])),
            abuse("a promise", protocol, c -> c.frame(PUSH_PROMISE, END_HEADERS, 1, number(2))),
            abuse("ping of 7 bytes", size, c -> c.frame(PING, 0, 0, new byte[7])),
            abuse("ping on a stream", protocol, c -> c.frame(PING, 0, 1, new byte[8])),
            abuse("settings of 5 bytes", size, c -> c.frame(SETTINGS, 0, 0, new byte[5])),
            abuse("settings on a stream", protocol, c -> c.frame(SETTINGS, 0, 1)),
            abuse("acknowledged with settings", size, c -> c.frame(SETTINGS, 1, 0, new byte[6])),
            abuse(
                "initial window beyond 31 bits",
                flow,
                c -> c.frame(SETTINGS, 0, 0, join(new byte[] {0, 4}, number(-1)))),
            abuse(
                "largest frame of 1 byte",
                protocol,
                c -> c.frame(SETTINGS, 0, 0, join(new byte[] {0, 5}, number(1)))),
            abuse(
                "promises of 2",
                protocol,
                c -> c.frame(SETTINGS, 0, 0, join(new byte[] {0, 2}, number(2)))),
            abuse("goaway on a stream", protocol, c -> c.frame(GOAWAY, 0, 1, new byte[8])),
            abuse("frame of 20000 bytes", size, c -> c.frame(DATA, 0, 1, new byte[20_000])),
            abuse("continuation of nothing", protocol, c -> c.frame(CONTINUATION, 4, 1, request())),
            abuse(
                "continuation of another stream",
                protocol,
                c -> {
                  c.frame(HEADERS, 0, 1, request());
                  c.frame(CONTINUATION, END_HEADERS, 3, block("x", "1"));
                }),
            abuse(
                "ping within a header block",
                protocol,
                c -> {
                  c.frame(HEADERS, 0, 1, request());
                  c.frame(PING, 0, 0, new byte[8]);
                }),
            abuse(
                "index of no header",
                "goaway COMPRESSION_ERROR",
                c -> c.frame(HEADERS, END_HEADERS, 1, (byte) 0xff, (byte) 0xff, (byte) 0x7f)),
            abuse(
                "index 0",
                "goaway COMPRESSION_ERROR",
                c -> c.frame(HEADERS, END_HEADERS, 1, (byte) 0x80)),
            abuse(
                "header that is not whole",
                "goaway COMPRESSION_ERROR",
                c -> c.frame(HEADERS, END_HEADERS, 1, (byte) 0, (byte) 9, (byte) 'a')),
            abuse(
                "table of 1 MiB, which was not offered",
                "goaway COMPRESSION_ERROR",
                c ->
                    c.frame(
                        HEADERS, END_HEADERS, 1, (byte) 0x3f, (byte) 0xe1, (byte) 0xff, (byte) 63)),
            abuse(
                "padding longer than its frame",
                protocol,
                c -> c.frame(HEADERS, END_HEADERS | PADDED, 1, join(new byte[] {-1}, request()))),
            abuse(
                "stream that depends on itself",
                protocol,
                c ->
                    c.frame(
                        HEADERS,
                        END_HEADERS | END_STREAM | WITH_PRIORITY,
                        1,
                        join(number(1), new byte[1], request()))),
            abuse(
                "continuations without end",
                calm,
                c -> {
                  c.frame(HEADERS, 0, 1, request());
                  for (int i = 0; i < 1000; i++) {
                    c.frame(CONTINUATION, 0, 1);
                  }
                }),
            abuse(
                "continuations of 4 MiB",
                protocol,
                c -> {
                  c.frame(HEADERS, 0, 1, request());
                  byte[] part = block("x", "a".repeat(16_000));
                  for (int i = 0; i < 256; i++) {
                    c.frame(CONTINUATION, 0, 1, part);
                  }
                }),
            abuse(
                "rapid resets",
                calm,
                c -> {
                  for (int id = 1; id < 2000; id += 2) {
                    c.get(id, "/reset");
                    c.frame(RST_STREAM, 0, id, number(8));
                  }
                }),
            abuse(
                "resets that we are made to send",
                calm,
                c -> {
                  for (int id = 1; id < 2000; id += 2) {
                    c.frame(HEADERS, END_HEADERS, id, post());
                    c.frame(WINDOW_UPDATE, 0, id, number(0));
                  }
                }),
            abuse(
                "empty data without end",
                calm,
                c -> {
                  c.frame(HEADERS, END_HEADERS, 1, post());
                  for (int i = 0; i < 1000; i++) {
                    c.frame(DATA, 0, 1);
                  }
                }),
            abuse("pings that nobody reads the answers of", calm, c -> flood(c, PING, 8)),
            abuse("settings that nobody reads the answers of", calm, c -> flood(c, SETTINGS, 0)))
        .flatMap(
            one ->
                Stream.of(true, false)
                    .map(wire -> Arguments.of(one.get()[0], wire, one.get()[1], one.get()[2])));
  }

  /** Far more than the buffers between hold the answers of. */
  private static void flood(RawHttp2 client, int type, int length) throws IOException {
    byte[] frame = RawHttp2.asBytes(type, 0, 0, new byte[length]);
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    for (int i = 0; i < 4096; i++) {
      many.writeBytes(frame);
    }
    for (int i = 0; i < 1000; i++) {
      client.bytes(many.toByteArray());
    }
  }

  @ParameterizedTest(name = "{0}, as bytes: {1}")
  @MethodSource("wrong")
  void endsTheConnection(String name, boolean wire, String outcome, Abuse abuse) throws Exception {
    Place place = start(wire);
    try (RawHttp2 client = place.connect()) {
      try {
        abuse.send(client);
      } catch (SocketException e) {
        // It was closed before all was sent: why is to be read, if the reset left that.
      }
      assertThat(client.end()).isIn(outcome, "closed");
    }
    assertThat(place.seen()).allMatch(one -> one.startsWith("GET /reset ")).hasSizeLessThan(250);
  }

  /** Streams that go wrong while their connection goes on. */
  static Stream<Arguments> streams() {
    return Stream.of(
            abuse(
                "window update of 0",
                "reset PROTOCOL_ERROR",
                c -> {
                  c.frame(HEADERS, END_HEADERS, 1, post());
                  c.frame(WINDOW_UPDATE, 0, 1, number(0));
                }),
            abuse(
                "window beyond 31 bits",
                "reset FLOW_CONTROL_ERROR",
                c -> {
                  c.frame(HEADERS, END_HEADERS, 1, post());
                  c.frame(WINDOW_UPDATE, 0, 1, number(Integer.MAX_VALUE));
                }),
            abuse(
                "trailers that do not end it",
                "reset PROTOCOL_ERROR",
                c -> {
                  c.frame(HEADERS, END_HEADERS, 1, post());
                  c.frame(DATA, 0, 1, (byte) 'a');
                  c.frame(HEADERS, END_HEADERS, 1, block("x", "1"));
                }),
            abuse(
                "header list of 40 KiB",
                "431",
                c -> {
                  c.frame(HEADERS, END_STREAM, 1, request());
                  for (int i = 0; i < 3; i++) {
                    byte[] part = block("x", "a".repeat(13_000));
                    c.frame(CONTINUATION, i == 2 ? END_HEADERS : 0, 1, part);
                  }
                }),
            abuse(
                "1100 headers, which count 32 bytes each",
                "431",
                c -> {
                  byte[] one = block("x", "");
                  ByteArrayOutputStream many = new ByteArrayOutputStream();
                  many.writeBytes(request());
                  for (int i = 0; i < 1100; i++) {
                    many.writeBytes(one);
                  }
                  c.frame(HEADERS, END_HEADERS | END_STREAM, 1, many.toByteArray());
                }))
        .flatMap(
            one ->
                Stream.of(true, false)
                    .map(wire -> Arguments.of(one.get()[0], wire, one.get()[1], one.get()[2])));
  }

  @ParameterizedTest(name = "{0}, as bytes: {1}")
  @MethodSource("streams")
  void endsTheStream(String name, boolean wire, String outcome, Abuse abuse) throws Exception {
    Place place = start(wire);
    try (RawHttp2 client = place.connect()) {
      abuse.send(client);
      assertThat(client.outcome(1)).isEqualTo(outcome);
      client.get(3, "/marker");
      assertThat(client.outcome(3)).isEqualTo("200");
    }
    assertThat(place.seen()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesOneStreamTooMany(boolean wire) throws Exception {
    Place place =
        start(wire, (head, i) -> head.startsWith("GET /hold") ? ScriptedTarget.SILENT : OK);
    try (RawHttp2 client = place.connect()) {
      for (int id = 1; id < 200; id += 2) {
        client.get(id, "/hold");
      }
      client.get(201, "/evil");
      assertThat(client.outcome(201)).isEqualTo("reset REFUSED_STREAM");
      // One less, and there is room for the next.
      client.frame(RST_STREAM, 0, 1, number(8));
      client.get(203, "/marker");
      assertThat(client.outcome(203)).isEqualTo("200");
    }
    assertThat(place.seen()).allMatch(one -> one.startsWith("GET /hold "));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void takesNoStreamTwice(boolean wire) throws Exception {
    Place place = start(wire);
    try (RawHttp2 client = place.connect()) {
      client.get(5, "/marker");
      assertThat(client.outcome(5)).isEqualTo("200");
      client.get(5, "/evil");
      client.get(3, "/evil");
      client.get(7, "/marker");
      assertThat(client.outcome(7)).isEqualTo("200");
    }
    assertThat(place.seen()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answersPingsAndSettings(boolean wire) throws Exception {
    Place place = start(wire);
    try (RawHttp2 client = place.connect()) {
      for (int i = 0; i < 100; i++) {
        client.frame(SETTINGS, 0, 0);
        client.frame(PING, 0, 0, new byte[8]);
        assertThat(client.pong()).isEqualTo("pong");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r",
        "PRI * HTTP/2.0\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"
      })
  void wantsAWholePreface(String bytes) throws Exception {
    for (boolean wire : new boolean[] {true, false}) {
      Place place = start(wire);
      try (RawHttp2 client = new RawHttp2(place.proxy().port(false))) {
        client.bytes(bytes.getBytes(StandardCharsets.US_ASCII));
        assertThat(client.pong()).isNotEqualTo("pong");
      }
      assertThat(place.seen()).isEmpty();
    }
  }
}
