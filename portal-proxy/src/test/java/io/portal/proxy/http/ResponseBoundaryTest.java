package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.proxy.tls.SelfSigned;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a target sends behind a response, or before it is asked, reaches nobody else. */
class ResponseBoundaryTest extends Closing {

  /** How requests pass: as bytes, through codecs, through codecs to a target of TLS. */
  private enum Way {
    BYTES,
    CODECS,
    TLS
  }

  private static final String OTHERS = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nothers";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String CLOSE = "Connection: close\r\n\r\n";
  private static final String LATER = ScriptedTarget.LATER;

  private static SSLContext tls;
  private static Served bytes;
  private static Served codecs;

  @BeforeAll
  static void start() throws Exception {
    tls = ScriptedTarget.tls(SelfSigned.create(Instant.now(), List.of("localhost")));
    bytes = Served.start(true, proxy -> proxy);
    codecs = Served.start(false, proxy -> proxy.ignoreUpstream(true));
  }

  @AfterAll
  static void stop() {
    bytes.close();
    codecs.close();
  }

  /** Requests in all the forms that choose another way through the proxy, by name. */
  private static final String[][] REQUESTS = {
    {"plain", "GET /bad HTTP/1.1\r\nHost: h\r\n" + CLOSE},
    {"head", "HEAD /bad HTTP/1.1\r\nHost: h\r\n" + CLOSE},
    {"body", "POST /bad HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n" + CLOSE + "ab"},
    {
      "chunks",
      "POST /bad HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
          + CLOSE
          + "2\r\nab\r\n0\r\n\r\n"
    },
    {"te", "GET /bad HTTP/1.1\r\nHost: h\r\nTE: trailers\r\n" + CLOSE},
    {
      "expect",
      "POST /bad HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
          + CLOSE
          + "ab"
    }
  };

  /** Responses with bytes that are none of theirs, some of which come when nobody waits. */
  private static final String[] RESPONSES = {
    OK + OTHERS,
    OK + "\r\n",
    OK + "HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\noth",
    OK + "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n" + OTHERS,
    "HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\nothers",
    "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nothers\r\n0\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\nothers",
    "HTTP/1.1 304 Not Modified\r\n\r\n" + OTHERS,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + OTHERS,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nH",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + OTHERS,
    "HTTP/1.1 100 Continue\r\n\r\n" + OK + OTHERS,
    "HTTP/1.1 103 Early Hints\r\nContent-Length: 6\r\n\r\n" + OK + OTHERS,
    OK + LATER + OTHERS,
    OK + LATER + "H",
    OK + LATER + "\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n" + LATER + "others",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\n" + LATER + "others"
  };

  static Stream<Arguments> cases() {
    return Stream.of(Way.values())
        .flatMap(
            way ->
                Stream.of(REQUESTS)
                    .flatMap(
                        request ->
                            Stream.of(RESPONSES)
                                .map(said -> Arguments.of(way, request[0], request[1], said))));
  }

  @ParameterizedTest(name = "{0}, {1}: {3}")
  @MethodSource("cases")
  void reachesNobodyElse(Way way, String name, String request, String said) throws Exception {
    ScriptedTarget.Script script = (head, i) -> head.contains(" /bad ") ? said : ok("fresh" + i);
    ScriptedTarget target =
        kept(way == Way.TLS ? new ScriptedTarget(tls, script) : new ScriptedTarget(script));
    Served served = (way == Way.BYTES ? bytes : codecs).to(target.uri());
    long errors = served.proxy().stats().upstreamErrors();
    assertThat(served.raw(request)).matches("(?s)HTTP/1\\.1 [123].*").doesNotContain("oth");
    if (said.contains(LATER)) {
      target.sendLater();
      Served.await("closed by what came while idle", () -> target.ended() > 0);
    }
    // A connection that was kept would serve its second request.
    assertThat(served.ask("GET", "/good")).startsWith("HTTP/1.1 200").endsWith("\r\n\r\nfresh0");
    assertThat(served.send("POST", "/good", 3))
        .startsWith("HTTP/1.1 200")
        .endsWith("\r\n\r\nfresh1");
    assertThat(served.proxy().stats().upstreamErrors()).isEqualTo(errors);
  }

  private static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }
}
