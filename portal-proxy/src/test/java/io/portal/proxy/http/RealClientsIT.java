package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What curl gets through a proxy on loopback, and what its target gets. */
class RealClientsIT {

  private static final byte[] NOTHING = {};

  @TempDir private Path directory;
  private Loopback loopback;

  private void start(boolean wire) throws Exception {
    loopback = new Loopback(directory, wire);
  }

  @AfterEach
  void stop() throws Exception {
    loopback.close();
  }

  /** A body that no two places of which are alike, so that a byte out of place shows. */
  private Path body(int length) throws Exception {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return Files.write(directory.resolve("body"), bytes);
  }

  /** The ways curl comes in: its version of HTTP, and whether by TLS. */
  enum Way {
    PLAIN("--http1.1", false, "1.1"),
    UPGRADE("--http2", false, "1.1"),
    PRIOR_KNOWLEDGE("--http2-prior-knowledge", false, "2"),
    TLS("--http1.1", true, "1.1"),
    TLS_HTTP2("--http2", true, "2");

    private final String option;
    private final boolean tls;
    private final String version;

    Way(String option, boolean tls, String version) {
      this.option = option;
      this.tls = tls;
      this.version = version;
    }

    /**
     * Whether curl can: curl 7.88 cannot use a connection of prior knowledge again (its #10634).
     */
    boolean reuses() {
      return this != PRIOR_KNOWLEDGE;
    }

    /** What curl says after an answer. */
    String end(int status, boolean first) {
      return status + " " + version + " " + (first || !reuses() ? 1 : 0) + "\n";
    }
  }

  static Stream<Arguments> ways() {
    return Arrays.stream(Way.values())
        .flatMap(way -> Stream.of(Arguments.of(way, true), Arguments.of(way, false)));
  }

  /**
   * What curl prints for some requests, over one connection if it can: the answer, then its status,
   * its version of HTTP and how many connections were made for it.
   *
   * @param requests options and path of each
   */
  private String curl(Way way, String... requests) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("-q"));
    for (String request : requests) {
      List<String> words = List.of(request.split(" ", -1));
      arguments.addAll(List.of("--silent", "--show-error", "--max-time", "30", way.option));
      arguments.addAll(List.of("--cacert", loopback.authority().certificate().toString()));
      arguments.addAll(List.of("--write-out", "%{http_code} %{http_version} %{num_connects}\n"));
      arguments.addAll(words.subList(0, words.size() - 1));
      arguments.addAll(List.of(loopback.url(way.tls, words.get(words.size() - 1)), "--next"));
    }
    return Program.of("curl").run("", arguments.subList(0, arguments.size() - 1)).expectSuccess();
  }

  /** The same, with a connection for each request if curl cannot do otherwise. */
  private String curlInTurn(Way way, String... requests) throws Exception {
    if (way.reuses()) {
      return curl(way, requests);
    }
    StringBuilder printed = new StringBuilder();
    for (String request : requests) {
      printed.append(curl(way, request));
    }
    return printed.toString();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void curlGetsEveryAnswerOverOneConnection(Way way, boolean wire) throws Exception {
    start(wire);
    Path body = body(100);
    assertThat(
            curlInTurn(
                way, "/get?a=b", "--request PUT --data-binary @" + body + " /put", "/missing"))
        .isEqualTo(
            Origin.answer("GET /get?a=b", "none", NOTHING)
                + way.end(200, true)
                + Origin.answer("PUT /put", "length", Files.readAllBytes(body))
                + way.end(200, false)
                + Origin.answer("GET /missing", "none", NOTHING)
                + way.end(404, false));
    assertThat(loopback.origin().requests()).isEqualTo(3);
  }

  @ParameterizedTest
  @MethodSource("ways")
  void curlGetsAHeadWithoutABodyAndGoesOn(Way way, boolean wire) throws Exception {
    start(wire);
    String printed = curlInTurn(way, "--head /x", "/x").toLowerCase(Locale.ROOT);
    int length = Origin.answer("HEAD /x", "none", NOTHING).length();
    assertThat(printed)
        .startsWith("http/" + way.version + " 200")
        .containsOnlyOnce("\r\ncontent-length: " + length + "\r\n")
        .endsWith(
            "\r\n\r\n"
                + way.end(200, true)
                + Origin.answer("get /x", "none", NOTHING)
                + way.end(200, false));
  }

  @ParameterizedTest
  @CsvSource({"PLAIN,true", "PLAIN,false", "TLS,true", "TLS,false"})
  void curlSendsItsBodyWhenTheTargetSaysContinue(Way way, boolean wire) throws Exception {
    start(wire);
    Path body = body(3 << 20);
    // Without that word curl would wait beyond its limit.
    assertThat(
            curl(
                way,
                "--expect100-timeout 60 --header Expect:100-continue --include --upload-file "
                    + body
                    + " /up"))
        .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
        .endsWith(
            "\r\n\r\n"
                + Origin.answer("PUT /up", "length", Files.readAllBytes(body))
                + way.end(200, true));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void curlUploadsWithoutSayingHowMuch(Way way, boolean wire) throws Exception {
    start(wire);
    Path body = body(3 << 20);
    // HTTP/2 has no such header; there curl leaves it out, and content-length too.
    assertThat(
            curl(
                way,
                "--request POST --header Transfer-Encoding:chunked --header Expect: --upload-file "
                    + body
                    + " /up"))
        .isEqualTo(
            Origin.answer("POST /up", "chunked", Files.readAllBytes(body)) + way.end(200, true));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void curlGetsTrailers(Way way, boolean wire) throws Exception {
    start(wire);
    Path heads = directory.resolve("heads");
    assertThat(curl(way, "--dump-header " + heads + " /trailers"))
        .isEqualTo(Origin.answer("GET /trailers", "none", NOTHING) + way.end(200, true));
    // After the empty line that ends the head.
    assertThat(Files.readString(heads).toLowerCase(Locale.ROOT))
        .startsWith("http/" + way.version + " 200")
        .containsPattern("\r\n\r\nx-sum: 42\r\n(\r\n)?$");
  }
}
