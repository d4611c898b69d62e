package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests that parsers may read differently, and those that look like them: what the table {@code
 * defence.txt} says comes of each holds as bytes and through the codecs, with and without TLS.
 */
class DefenceTest {

  private static final Pattern REFUSAL = Pattern.compile("[45][0-9]{2}");
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([0-9]{3}) ");

  private static final String BODY = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n";
  private static final Pattern TIMEOUT =
      Pattern.compile(
          "HTTP/1\\.1 408 Request Timeout\r\ndate: \\w{3}, [^\r]* GMT\r\n"
              + "(?s:.*)\r\nconnection: close\r\n\r\nRequest Timeout\n");

  /** Longer ones would take a record of TLS for each of too many bytes. */
  private static final int LONGEST_IN_BYTES = 300;

  private static final SSLContext TLS = trusting();
  private static final List<Place> PLACES = new ArrayList<>();

  /**
   * A line of the table.
   *
   * @param statuses of the answers, with commas
   * @param seen how many requests the target gets
   */
  record Row(String statuses, int seen, String name, byte[] bytes) {

    static Row of(String[] cells) {
      byte[] bytes = TableText.unescape(cells[3]).getBytes(StandardCharsets.ISO_8859_1);
      return new Row(cells[0], Integer.parseInt(cells[1]), cells[2], bytes);
    }

    boolean refused() {
      return REFUSAL.matcher(statuses).find();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** A proxy with its own target. */
  private record Place(boolean wire, Served proxy, ScriptedTarget target) {

    static Place start(boolean wire, Limits limits) throws Exception {
      ScriptedTarget target =
          new ScriptedTarget((head, i) -> "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      return new Place(wire, Served.before(target.uri(), wire, limits), target);
    }

    Socket connect(boolean tls) throws Exception {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      Socket socket =
          tls
              ? TLS.getSocketFactory().createSocket(loopback, proxy.port(true))
              : new Socket(loopback, proxy.port(false));
      socket.setSoTimeout(20_000);
      socket.setTcpNoDelay(true);
      if (socket instanceof SSLSocket secure) {
        secure.startHandshake();
      }
      return socket;
    }

    /** All that is answered up to the end of the connection, which must come. */
    String ask(boolean tls, byte[] bytes, int step) throws Exception {
      try (Socket socket = connect(tls)) {
        for (int at = 0; at < bytes.length; at += step) {
          socket.getOutputStream().write(bytes, at, Math.min(step, bytes.length - at));
        }
        return text(socket.getInputStream());
      }
    }

    /** What the target was sent since last asked, in a form that does not depend on the path. */
    List<String> seen(boolean tls) throws Exception {
      // Whatever was on its way to the target is there when this one is.
      byte[] marker =
          "GET /marker HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII);
      assertThat(ask(false, marker, marker.length)).startsWith("HTTP/1.1 200 ");
      List<String> seen = new ArrayList<>();
      for (String request : target.requests()) {
        if (!request.startsWith("GET /marker ")) {
          seen.add(normal(request).replace(":" + proxy.port(tls) + "\n", ":port\n"));
        }
      }
      target.requests().clear();
      return seen;
    }

    /** Header names in lower case, sorted: HTTP gives their order no meaning. */
    private String normal(String request) {
      int end = request.indexOf("\r\n\r\n");
      String[] lines = request.substring(0, end).split("\r\n", -1);
      for (int i = 1; i < lines.length; i++) {
        int colon = lines[i].indexOf(':');
        lines[i] =
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT)
                + ":"
                + lines[i].substring(colon + 1).strip();
      }
      Arrays.sort(lines, 1, lines.length);
      return String.join("\n", lines) + "\n" + request.substring(end);
    }
  }

  private static SSLContext trusting() {
    try {
      return Served.trusting();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  @BeforeAll
  static void start() throws Exception {
    PLACES.add(Place.start(true, Limits.DEFAULT));
    PLACES.add(Place.start(false, Limits.DEFAULT));
  }

  @AfterAll
  static void stop() throws IOException {
    for (Place place : PLACES) {
      place.proxy().close();
      place.target().close();
    }
    PLACES.clear();
  }

  static Stream<Row> rows() {
    return TableText.rows("defence.txt", 4).map(Row::of);
  }

  /** Those that are served as a whole, and short. */
  static Stream<Row> served() {
    return rows()
        .filter(row -> !row.refused() && !row.name().startsWith("behind "))
        .filter(row -> row.bytes().length <= LONGEST_IN_BYTES);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void doesAsTheTableSays(Row row) throws Exception {
    check(row, row.bytes().length);
  }

  /** What is refused may be answered before it was sent, so this is about the others. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("served")
  void readsSingleBytesAlike(Row row) throws Exception {
    check(row, 1);
  }

  private static void check(Row row, int step) throws Exception {
    for (boolean tls : new boolean[] {false, true}) {
      List<List<String>> sent = new ArrayList<>();
      for (Place place : PLACES) {
        place.target().requests().clear();
        String where = (place.wire() ? "as bytes" : "through codecs") + (tls ? ", TLS" : "");
        String got = place.ask(tls, row.bytes(), step);
        List<String> seen = place.seen(tls);
        assertThat(STATUS.matcher(got).results().map(found -> found.group(1)))
            .as("%s: %s", where, got)
            .containsExactly(row.statuses().split(","));
        assertThat(seen).as(where).hasSize(row.seen());
        assertThat(String.join("", seen)).as(where).doesNotContain("dropped");
        if (row.refused()) {
          assertThat(got).as(where).containsIgnoringCase("\r\nconnection: close\r\n");
        }
        sent.add(seen);
      }
      assertThat(sent.get(1)).as("what the target sees").isEqualTo(sent.get(0));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answers408ToWhatIsTooSlow(boolean wire) throws Exception {
    Limits usual = Limits.DEFAULT;
    Place slow =
        Place.start(
            wire,
            new Limits(
                usual.head(),
                usual.uri(),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                usual.connect(),
                usual.answer(),
                usual.streams()));
    List<Socket> clients = new ArrayList<>();
    List<String> parts = new ArrayList<>();
    try (Served proxy = slow.proxy();
        ScriptedTarget target = slow.target()) {
      for (String part : List.of("", "G", "\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r", BODY + "a")) {
        for (boolean tls : new boolean[] {false, true}) {
          Socket client = slow.connect(tls);
          clients.add(client);
          client.getOutputStream().write(part.getBytes(StandardCharsets.US_ASCII));
          parts.add(part);
        }
      }
      for (int i = 0; i < clients.size(); i++) {
        // What has not begun a head may be a connection kept ready, which is closed in silence.
        boolean begun = !parts.get(i).isBlank();
        assertThat(text(clients.get(i).getInputStream()))
            .as(parts.get(i))
            .matches(begun ? TIMEOUT : Pattern.compile(""));
      }
      assertThat(target.requests()).noneMatch(request -> request.contains("ab"));
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  /** Closing at once would reset the connection, and the client could not read why. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answersWhoIsStillSending(boolean tls) throws Exception {
    byte[] more = new byte[1024 * 1024];
    for (Place place : PLACES) {
      try (Socket client = place.connect(tls)) {
        client
            .getOutputStream()
            .write("GET / HTTP/1.1\r\nX : 1\r\n".getBytes(StandardCharsets.US_ASCII));
        client.getOutputStream().write(more);
        assertThat(text(client.getInputStream())).startsWith("HTTP/1.1 400 ");
      }
      assertThat(place.seen(tls)).isEmpty();
    }
  }
}
