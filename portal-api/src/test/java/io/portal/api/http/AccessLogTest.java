package io.portal.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.portal.core.NotFoundException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the log says of the API's clients, and what it must not. */
class AccessLogTest {

  private static final String FROM = " from 127.0.0.1:";

  private final Logger logger = (Logger) LoggerFactory.getLogger(AccessLog.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
    logger.setLevel(Level.INFO);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  private static ApiServer server(String token) throws Exception {
    Router router = new Router();
    for (String method : List.of("GET", "POST")) {
      router.add(method, "/things", request -> Response.json(200, "[]"));
    }
    router.add("GET", "/sync", request -> Response.json(200, "{}"));
    router.add(
        "DELETE",
        "/things",
        request -> {
          throw new NotFoundException("none\nof it");
        });
    return ApiServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        Optional.empty(),
        router,
        new Token(token),
        1000);
  }

  private int ask(ApiServer server, String method, String target, String token) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + target))
            .method(method, BodyPublishers.ofString("{\"key\":\"private\"}"));
    if (!token.isEmpty()) {
      request.header("X-AUTH-TOKEN", token);
    }
    return client.send(request.build(), BodyHandlers.discarding()).statusCode();
  }

  /** The lines so far, with their levels, without the clients' ports. */
  private List<String> said() {
    List<String> said =
        lines.list.stream()
            .map(line -> line.getLevel() + " " + line.getFormattedMessage())
            .map(line -> line.replaceFirst(FROM + "[0-9]+", FROM))
            .toList();
    lines.list.clear();
    return said;
  }

  @Test
  void whatChangesSomethingIsLoggedWithTheClientsAddress() throws Exception {
    try (ApiServer server = server("secret")) {
      ask(server, "POST", "/things?password=private", "secret");
      ask(server, "GET", "/things", "secret");
      ask(server, "GET", "/sync", "secret");
      ask(server, "DELETE", "/things", "secret");
      assertThat(said())
          .containsExactly(
              "INFO POST /things 200" + FROM,
              "INFO GET /sync 200" + FROM,
              "INFO DELETE /things 404" + FROM + ": none?of it");
    }
  }

  @Test
  void whoIsNotLetInIsLoggedWithTheAddressAndWithoutTheToken() throws Exception {
    try (ApiServer server = server("secret")) {
      ask(server, "GET", "/things?X-AUTH-TOKEN=sekret", "");
      ask(server, "POST", "/no/such%0Apath", "sekret");
      assertThat(said())
          .containsExactly(
              "WARN GET /things" + FROM + ": wrong or missing token",
              "WARN POST /no/such%0Apath" + FROM + ": wrong or missing token");
    }
  }

  @Test
  void aTokenInTheQueryIsWarnedOfOnceAnHour() throws Exception {
    try (ApiServer server = server("secret")) {
      assertThat(ask(server, "GET", "/things?X-AUTH-TOKEN=secret", "")).isEqualTo(200);
      assertThat(ask(server, "GET", "/things?X-AUTH-TOKEN=secret", "")).isEqualTo(200);
      assertThat(said())
          .containsExactly(
              "WARN GET /things"
                  + FROM
                  + ": the token is in the query, where other logs may keep it:"
                  + " send it as Authorization: Bearer");
    }
  }

  @Test
  void clientsThatSendATokenWhereNoneIsSetAreLetInAndWarnedOfOnce() throws Exception {
    try (ApiServer server = server("")) {
      assertThat(ask(server, "GET", "/things", "")).isEqualTo(200);
      assertThat(ask(server, "GET", "/things", "mine")).isEqualTo(200);
      assertThat(ask(server, "GET", "/things", "mine")).isEqualTo(200);
      assertThat(said())
          .containsExactly(
              "WARN GET /things"
                  + FROM
                  + ": the client sends a token, but none is set (api-token):"
                  + " it is let in, as everybody is");
    }
  }

  @Test
  void aFloodOfRefusedRequestsIsCountedAndNotWritten() {
    AtomicLong clock = new AtomicLong();
    AccessLog access = new AccessLog(clock::get);
    InetSocketAddress from = new InetSocketAddress("::1", 9);
    for (int i = 0; i < 1000; i++) {
      access.judged(from, "GET", "/" + "a\n".repeat(1000), Token.Verdict.REFUSED);
    }
    assertThat(said())
        .hasSize(30)
        .allMatch(line -> line.length() < 400 && !line.contains("\n"))
        .last()
        .asString()
        .endsWith("... from [::1]:9: wrong or missing token");
    clock.addAndGet(Duration.ofMinutes(1).toNanos());
    access.judged(from, "GET", "/", Token.Verdict.REFUSED);
    assertThat(said())
        .containsExactly(
            "WARN GET / from [::1]:9: wrong or missing token" + " (970 more were not logged)");
  }
}
