package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which request headers a target sees, row by row: HTTP/1.1 and HTTP/2 give it the same. */
class ForwardedHeadersTest {

  /** How a request comes. */
  enum Way {
    HTTP1_BYTES,
    HTTP1_CODECS,
    HTTP2_BYTES,
    HTTP2_CODECS
  }

  /** Who asks and what is set. */
  enum Client {
    ANYONE,
    TRUSTED,
    /** Anyone, where headers with an underscore pass. */
    UNDERSCORES,
    /** Anyone, where targets are sent Via. */
    VIA
  }

  /**
   * Client, headers that are sent, lines of which the target sees each once, names that it does not
   * see. A row is separated by bars, its parts by semicolons.
   */
  private static final List<String> TABLE =
      List.of(
          "ANYONE | a: 1 | x-forwarded-for: 127.0.0.1; x-forwarded-proto: http; a: 1 | via",
          "ANYONE | x-forwarded-for: 9.9.9.9 | x-forwarded-for: 127.0.0.1 |",
          "ANYONE | x-forwarded-for: 9.9.9.9; x-forwarded-for: 8.8.8.8 | x-forwarded-for:"
              + " 127.0.0.1|",
          "ANYONE | forwarded: for=9.9.9.9; x-real-ip: 9.9.9.9; x-forwarded-prefix: /a;"
              + " x-forwarded-ssl: on | x-forwarded-for: 127.0.0.1 |"
              + " forwarded; x-real-ip; x-forwarded-prefix; x-forwarded-ssl",
          "ANYONE | x-forwarded-proto: https; x-forwarded-host: evil; x-forwarded-port: 1 |"
              + " x-forwarded-proto: http; x-forwarded-host: h |",
          "ANYONE | x_forwarded_for: 9.9.9.9; x-forwarded_for: 8.8.8.8; a: 1; transfer_encoding:"
              + " chunked; b_: 2; _: 3; c: 4 | a: 1; c: 4; x-forwarded-for: 127.0.0.1 |"
              + " x_forwarded_for; x-forwarded_for; transfer_encoding; b_; _",
          "UNDERSCORES | x_forwarded_for: 9.9.9.9; a_b: 1 | x_forwarded_for: 9.9.9.9; a_b: 1;"
              + " x-forwarded-for: 127.0.0.1 |",
          "VIA | a: 1 | via: V portal |",
          "VIA | via: 1.0 other | via: 1.0 other; via: V portal |",
          "TRUSTED | a: 1 | x-forwarded-for: 127.0.0.1; x-forwarded-proto: http |",
          "TRUSTED | x-forwarded-for: 9.9.9.9 | x-forwarded-for: 9.9.9.9, 127.0.0.1 |",
          "TRUSTED | x-forwarded-for: 9.9.9.9; a: 1; x-forwarded-for: 8.8.8.8, 7.7.7.7 |"
              + " x-forwarded-for: 9.9.9.9, 8.8.8.8, 7.7.7.7, 127.0.0.1 |",
          "TRUSTED | x-forwarded-for:; x-forwarded-for: 8.8.8.8 |"
              + " x-forwarded-for: 8.8.8.8, 127.0.0.1 |",
          "TRUSTED | x-forwarded-proto: https | x-forwarded-proto: https |",
          "TRUSTED | x-forwarded-proto: ftp; x-forwarded-proto: https | x-forwarded-proto: https |",
          "TRUSTED | x-forwarded-proto: http, https | x-forwarded-proto: https |",
          "TRUSTED | x-forwarded-host: evil; x-forwarded-host: good | x-forwarded-host: good |",
          "TRUSTED | x-forwarded-port: 1; x-forwarded-port: 443 | x-forwarded-port: 443 |",
          "TRUSTED | x_forwarded_for: 9.9.9.9 | x-forwarded-for: 127.0.0.1 | x_forwarded_for",
          "TRUSTED | x-real-ip: 9.9.9.9; forwarded: for=9.9.9.9 |"
              + " x-real-ip: 9.9.9.9; forwarded: for=9.9.9.9 |");

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  static Stream<List<String>> rows() {
    return TABLE.stream().map(row -> Stream.of(row.split("\\|", -1)).map(String::strip).toList());
  }

  private static List<String> parts(String cell) {
    return Stream.of(cell.split(";", -1)).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  private static UnaryOperator<HttpProxy.Builder> settings(Client client) {
    return proxy ->
        proxy
            .trusted(address -> client == Client.TRUSTED)
            .underscoreHeaders(client == Client.UNDERSCORES)
            .via(client == Client.VIA);
  }

  /** The head that the target gets, in lower case. */
  private String ask(Way way, Client client, List<String> headers) throws Exception {
    ScriptedTarget target =
        new ScriptedTarget((head, i) -> "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    open.add(target);
    boolean wire = way == Way.HTTP1_BYTES || way == Way.HTTP2_BYTES;
    Served proxy = Served.start(wire, settings(client)).to(target.uri());
    open.add(0, proxy);
    if (way == Way.HTTP1_BYTES || way == Way.HTTP1_CODECS) {
      StringBuilder lines = new StringBuilder("GET / HTTP/1.1\r\nHost: h\r\n");
      headers.forEach(line -> lines.append(line).append("\r\n"));
      assertThat(proxy.raw(lines + "Connection: close\r\n\r\n")).startsWith("HTTP/1.1 200 ");
    } else {
      List<String> pairs =
          new ArrayList<>(
              List.of(":method", "GET", ":scheme", "http", ":authority", "h", ":path", "/"));
      for (String line : headers) {
        int colon = line.indexOf(':');
        pairs.add(line.substring(0, colon));
        pairs.add(line.substring(colon + 1).strip());
      }
      try (RawHttp2 connection = RawHttp2.greeted(proxy.port(false))) {
        connection.headers(1, RawHttp2.END_STREAM, pairs.toArray(String[]::new));
        assertThat(connection.outcome(1)).isEqualTo("200");
      }
    }
    assertThat(target.requests()).hasSize(1);
    return target.requests().get(0).toLowerCase(Locale.ROOT);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void areThoseOfTheTable(List<String> row) throws Exception {
    for (Way way : Way.values()) {
      String version = way == Way.HTTP2_BYTES || way == Way.HTTP2_CODECS ? "2" : "1.1";
      String head = ask(way, Client.valueOf(row.get(0)), parts(row.get(1)));
      for (String line : parts(row.get(2))) {
        String expected = line.replace("V portal", version + " portal");
        assertThat(head.split("\r\n")).as("%s, %s: %s", row, way, head).containsOnlyOnce(expected);
        String name = line.substring(0, line.indexOf(':'));
        if (!name.equals("via")) {
          assertThat(head.split("\r\n" + name + ":", -1)).as("%s, %s", row, way).hasSize(2);
        }
      }
      for (String name : parts(row.get(3))) {
        assertThat(head).as("%s, %s", row, way).doesNotContain("\r\n" + name + ":");
      }
    }
  }

  /** Trailers come behind the headers, and some targets take them for headers. */
  @ParameterizedTest
  @EnumSource(names = {"HTTP1_BYTES", "HTTP1_CODECS"})
  void ofTrailersTellNothingAboutTheClient(Way way) throws Exception {
    ScriptedTarget target =
        new ScriptedTarget((head, i) -> "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    open.add(target);
    Served proxy = Served.start(way == Way.HTTP1_BYTES, settings(Client.TRUSTED)).to(target.uri());
    open.add(0, proxy);
    proxy.raw(
        "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "1\r\na\r\n0\r\nX-Forwarded-For: 9.9.9.9\r\nX_Sum: 1\r\nX-Sum: 2\r\n\r\n");
    assertThat(target.requests().get(0).toLowerCase(Locale.ROOT))
        .contains("x-sum: 2\r\n")
        .doesNotContain("9.9.9.9")
        .doesNotContain("x_sum");
  }
}
