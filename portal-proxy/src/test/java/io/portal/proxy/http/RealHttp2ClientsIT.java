package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What nghttp and h2load get over HTTP/2, with TLS and without. */
class RealHttp2ClientsIT {

  private static final byte[] NOTHING = {};

  /** A line of nghttp's statistics: id, end, start, time, code, size, path. */
  private static final Pattern STATISTIC =
      Pattern.compile("(?m)^ *\\d+ +\\S+ +\\S+ +\\S+ +(\\d{3}) +\\S+ (/\\S*)$");

  @TempDir private Path directory;

  /** Bodies and statuses of requests that nghttp makes at once, over one connection. */
  private static void assertAnswers(
      Loopback loopback, List<String> arguments, List<String> bodies, List<String> statuses)
      throws Exception {
    Program.Output output =
        Program.of("nghttp").trusting(loopback.authority().certificate()).run("", arguments);
    String printed = output.expectSuccess();
    assertThat(output.err()).isEmpty();
    int statistics = printed.indexOf("***** Statistics");
    assertThat(printed.substring(0, statistics).lines())
        .containsExactlyInAnyOrderElementsOf(bodies);
    assertThat(STATISTIC.matcher(printed.substring(statistics)).results())
        .extracting((MatchResult line) -> line.group(1) + " " + line.group(2))
        .containsExactlyInAnyOrderElementsOf(statuses);
    assertThat(loopback.origin().requests()).isEqualTo(statuses.size());
  }

  @ParameterizedTest(name = "TLS {0}, bytes {1}")
  @CsvSource({"false,true", "false,false", "true,true", "true,false"})
  void nghttpGetsEachStreamItsAnswer(boolean tls, boolean wire) throws Exception {
    try (Loopback loopback = new Loopback(directory, wire)) {
      List<String> arguments = new ArrayList<>(List.of("--stat"));
      List<String> bodies = new ArrayList<>();
      List<String> statuses = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        boolean missing = i == 7;
        String path = missing ? "/missing" : "/" + i;
        arguments.add(loopback.url(tls, path));
        bodies.add(Origin.answer("GET " + path, "none", NOTHING).strip());
        statuses.add((missing ? 404 : 200) + " " + path);
      }
      assertAnswers(loopback, arguments, bodies, statuses);
    }
  }

  @ParameterizedTest(name = "TLS {0}, bytes {1}, {2}")
  @CsvSource({
    "false,true,length", "false,false,length", "true,true,length", "true,false,length",
    "false,true,chunked", "false,false,chunked", "true,true,chunked", "true,false,chunked"
  })
  void nghttpPostsOnManyStreams(boolean tls, boolean wire, String framing) throws Exception {
    // More than the windows of HTTP/2 are at first, each stream's and the connection's.
    byte[] body = new byte[300_000];
    new Random(1).nextBytes(body);
    try (Loopback loopback = new Loopback(directory, wire)) {
      String file = Files.write(directory.resolve("body"), body).toString();
      List<String> arguments = new ArrayList<>(List.of("--stat", "--data", file));
      if (framing.equals("chunked")) {
        arguments.add("--no-content-length");
      }
      List<String> bodies = new ArrayList<>();
      List<String> statuses = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        arguments.add(loopback.url(tls, "/" + i));
        bodies.add(Origin.answer("POST /" + i, framing, body).strip());
        statuses.add("200 /" + i);
      }
      assertAnswers(loopback, arguments, bodies, statuses);
    }
  }

  @ParameterizedTest(name = "TLS {0}, bytes {1}")
  @CsvSource({"false,true", "false,false", "true,true", "true,false"})
  void nghttpSendsItsBodyWhenTheTargetSaysContinue(boolean tls, boolean wire) throws Exception {
    byte[] body = new byte[100];
    try (Loopback loopback = new Loopback(directory, wire)) {
      String file = Files.write(directory.resolve("body"), body).toString();
      // Without that word nghttp would send the body after a second.
      assertThat(
              Program.of("nghttp")
                  .run("-v", "--expect-continue", "--data", file, loopback.url(tls, "/up"))
                  .expectSuccess())
          .containsSubsequence(
              ":status: 100\n",
              "send DATA frame",
              ":status: 200\n",
              Origin.answer("POST /up", "length", body));
    }
  }

  @ParameterizedTest(name = "TLS {0}, bytes {1}")
  @CsvSource({"false,true", "false,false", "true,true", "true,false"})
  void nghttpIsToldNotToSendWhatIsNotWanted(boolean tls, boolean wire) throws Exception {
    String refusal = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nbig\n";
    Path file = directory.resolve("body");
    try (RandomAccessFile body = new RandomAccessFile(file.toFile(), "rw")) {
      body.setLength(48 << 20);
    }
    try (ScriptedTarget target = new ScriptedTarget((head, i) -> refusal + ScriptedTarget.CLOSE);
        Served proxy = Served.before(target.uri(), wire, Limits.DEFAULT)) {
      String url = (tls ? "https" : "http") + "://localhost:" + proxy.port(tls) + "/";
      assertThat(Program.of("nghttp").run("-v", "--data", file.toString(), url).expectSuccess())
          .containsSubsequence(
              ":status: 413\n", "recv DATA frame", "recv RST_STREAM frame", "error_code=NO_ERROR");
    }
  }

  @ParameterizedTest(name = "TLS {0}, bytes {1}")
  @CsvSource({"false,true", "false,false", "true,true", "true,false"})
  void h2loadHasNothingToComplainAboutInTenThousandRequests(boolean tls, boolean wire)
      throws Exception {
    try (Loopback loopback = new Loopback(directory, wire)) {
      String printed =
          Program.of("h2load")
              .run("-n", "10000", "-c", "10", "-m", "10", loopback.url(tls, "/x"))
              .expectSuccess();
      assertThat(printed)
          .contains("Application protocol: " + (tls ? "h2\n" : "h2c\n"))
          .contains(
              "requests: 10000 total, 10000 started, 10000 done, 10000 succeeded, 0 failed,"
                  + " 0 errored, 0 timeout\n")
          .contains("status codes: 10000 2xx, 0 3xx, 0 4xx, 0 5xx\n")
          .contains(" (" + 10_000 * Origin.answer("GET /x", "none", NOTHING).length() + ") data\n");
      assertThat(loopback.origin().requests()).isEqualTo(10_000);
    }
  }
}
