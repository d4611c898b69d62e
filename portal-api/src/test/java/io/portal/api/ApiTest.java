package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.api.config.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The API over HTTP, against the whole daemon with the userspace balancer. */
class ApiTest {

  private static final String TOKEN = "secret-token";
  private static final String SERVICE =
      "{\"host\":\"127.0.0.3\",\"port\":21234,\"type\":\"tcp\",\"scheduler\":\"rr\","
          + "\"persistence\":0,\"netmask\":\"\"}";
  private static final String STORED =
      "{\"id\":\"tcp-127_0_0_3-21234\",\"host\":\"127.0.0.3\",\"port\":21234,\"type\":\"tcp\","
          + "\"scheduler\":\"rr\",\"persistence\":0,\"netmask\":\"\"}";
  private static final String ID = "/services/tcp-127_0_0_3-21234";
  private static final String SERVER =
      "{\"host\":\"127.0.0.9\",\"port\":8080,\"forwarder\":\"m\",\"weight\":2}";
  private static final String STORED_SERVER =
      "{\"id\":\"127_0_0_9-8080\",\"host\":\"127.0.0.9\",\"port\":8080,\"forwarder\":\"m\","
          + "\"weight\":2,\"upper_threshold\":0,\"lower_threshold\":0}";

  @TempDir private Path directory;

  private final HttpClient client = HttpClient.newHttpClient();
  private int port;
  private Daemon daemon;

  @BeforeEach
  void start() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    daemon = daemon(Map.of());
  }

  private Daemon daemon(Map<String, String> more) throws IOException {
    Map<String, String> flags =
        new java.util.HashMap<>(
            Map.of(
                "api-port",
                Integer.toString(port),
                "api-token",
                TOKEN,
                "insecure",
                "true",
                "balancer",
                "userspace",
                "log-level",
                "ERROR",
                "max-body",
                "100000",
                "db-connection",
                "scribble://" + directory.resolve("db"),
                "work-dir",
                directory.toString()));
    flags.put("proxy-http", "off");
    flags.put("proxy-tls", "off");
    flags.putAll(more);
    return Daemon.start(Config.load(flags, Map.of()));
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  private HttpResponse<String> ask(String method, String path, String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .header("X-AUTH-TOKEN", TOKEN)
            .build(),
        BodyHandlers.ofString());
  }

  private void check(String method, String path, String body, int status, String answer)
      throws Exception {
    HttpResponse<String> response = ask(method, path, body);
    assertThat(response.body()).as(method + " " + path).isEqualTo(answer + "\n");
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
  }

  @Test
  void aServiceAndItsServersLiveTheirLife() throws Exception {
    check("GET", "/services", "", 200, "[]");
    check("POST", "/services", SERVICE, 200, STORED);
    check("POST", "/services", SERVICE.replace("\"rr\"", "\"wlc\""), 200, STORED);
    check("GET", "/services", "", 200, "[" + STORED + "]");
    check("GET", ID, "", 200, STORED);
    check("POST", ID + "/servers", SERVER, 200, STORED_SERVER);
    check("GET", ID + "/servers", "", 200, "[" + STORED_SERVER + "]");
    check("GET", ID + "/servers/127_0_0_9-8080", "", 200, STORED_SERVER);
    check("GET", ID, "", 200, STORED.replace("\"\"}", "\"\",\"servers\":[" + STORED_SERVER + "]}"));
    check("PUT", ID + "/servers", "[]", 200, "[]");
    check(
        "PUT", ID + "/servers", "[" + SERVER + "," + SERVER + "]", 200, "[" + STORED_SERVER + "]");
    check("DELETE", ID + "/servers/127_0_0_9-8080", "", 200, "{\"msg\":\"Success\"}");
    check("DELETE", ID + "/servers/127_0_0_9-8080", "", 200, "{\"msg\":\"Success\"}");
    check("PUT", ID, SERVICE.replace("21234", "21235"), 200, STORED.replace("21234", "21235"));
    check("GET", ID, "", 404, "{\"error\":\"No Service Found\"}");
    check("PUT", "/services", "[" + SERVICE + "]", 200, "[" + STORED + "]");
    check("POST", "/services", "[]", 200, "[]");
    check("DELETE", ID, "", 200, "{\"msg\":\"Success\"}");
    check("GET", "/services", "", 200, "[]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "GET | /services/tcp-1_2_3_4-5 | `` | 404 | {\"error\":\"No Service Found\"}",
        "GET | /services/foo | `` | 404 | {\"error\":\"No Service Found\"}",
        "POST | /services | {bad | 400 | {\"error\":\"Bad JSON syntax received in body\"}",
        "POST | /services | 1 | 400 | {\"error\":\"Bad JSON syntax received in body\"}",
        "PUT | /services | {} | 400 | {\"error\":\"Bad JSON syntax received in body\"}",
        "PUT | /routes | 1 | 400 | {\"error\":\"Bad JSON syntax received in body\"}",
        "DELETE | /routes | `` | 400 | {\"error\":\"Bad JSON syntax received in body\"}",
        "POST | /services/tcp-1_2_3_4-5/servers | {} | 404 | {\"error\":\"No Service Found\"}",
        "PUT | /services/foo | {\"host\":\"127.0.0.3\",\"port\":21234} | 404 | {\"error\":\"No"
            + " Service Found\"}",
        "GET | /services/tcp-1_2_3_4-5/servers | `` | 404 | {\"error\":\"No Service Found\"}",
        "DELETE | /services/tcp-1_2_3_4-5 | `` | 200 | {\"msg\":\"Success\"}",
        "DELETE | /services/foo/servers/bar | `` | 200 | {\"msg\":\"Success\"}",
        "DELETE | /routes?domain=nowhere.com | `` | 200 | {\"msg\":\"Success\"}",
        "GET | /nowhere | `` | 404 | {\"error\":\"No such path\"}",
        "GET | /errors | `` | 200 | {\"no-routes\":\"NoRoutes\\n\",\"no-healthy\":\"NoHealthy\\n\"}"
      })
  void answersAsRecorded(String method, String path, String body, int status, String answer)
      throws Exception {
    check(method, path, body, status, answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | port",
        "{\"host\":\"127.0.0.3\"} | port",
        "{\"host\":\"127.0.0.3\",\"port\":0} | port",
        "{\"host\":\"127.0.0.3\",\"port\":65536} | 65536",
        "{\"host\":\"127.0.0.3\",\"port\":\"x\"} | port",
        "{\"host\":\"here\",\"port\":80} | here",
        "{\"host\":\"127.0.0.3\",\"port\":80,\"type\":\"foo\"} | Unsupported Protocol - 'foo'",
        "{\"host\":\"127.0.0.3\",\"port\":80,\"scheduler\":\"foo\"} | scheduler",
        "{\"host\":\"127.0.0.3\",\"port\":80,\"persistence\":-1} | persistence",
        "{\"host\":\"127.0.0.3\",\"port\":80,\"netmask\":\"255.0.255\"} | netmask",
        "{\"interface\":\"nope0\",\"port\":80} | nope0",
        "{\"host\":\"127.0.0.3\",\"port\":80,\"type\":\"sctp\"} | userspace",
        "{\"host\":\"127.0.0.3\",\"port\":80,\"servers\":[{\"host\":\"10.0.0.1\",\"port\":81}]} |"
            + " Invalid Server Port for Forwarder"
      })
  void wrongValuesAreRefusedByName(String body, String named) throws Exception {
    HttpResponse<String> response = ask("POST", "/services", body);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).startsWith("{\"error\":\"").contains(named);
    check("GET", "/services", "", 200, "[]");
  }

  @Test
  void aServerOnLoopbackIsTheServicesHost() throws Exception {
    ask("POST", "/services", SERVICE);
    String loopback = "{\"host\":\"127.0.0.1\",\"port\":8080,\"forwarder\":\"m\",\"weight\":2}";
    check(
        "POST",
        ID + "/servers",
        loopback,
        200,
        STORED_SERVER.replace("0_0_9", "0_0_3").replace("0.0.9", "0.0.3"));
    check("POST", ID + "/servers", "{}", 400, "{\"error\":\"No Server Found\"}");
  }

  @Test
  void theTokenIsWantedAndTheQueryMayCarryIt() throws Exception {
    for (String path :
        List.of("/services", "/services?X-AUTH-TOKEN=wrong", "/nowhere", "/version")) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
              BodyHandlers.ofString());
      assertThat(response.statusCode()).as(path).isEqualTo(401);
      assertThat(response.body()).contains("\"error\"").doesNotContain(TOKEN);
      assertThat(response.headers().firstValue("www-authenticate")).contains("Bearer");
    }
    for (String path : List.of("/healthz", "/readyz", "/services?X-AUTH-TOKEN=" + TOKEN)) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
              BodyHandlers.ofString());
      assertThat(response.statusCode()).as(path).isEqualTo(200);
    }
  }

  @Test
  void theTokenMayBeABearers() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/services"))
            .header("Authorization", "Bearer " + TOKEN)
            .build();
    assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("[]\n");
  }

  @Test
  void aMethodThatAPathDoesNotKnowIs405() throws Exception {
    ask("POST", "/services", SERVICE);
    HttpResponse<String> response = ask("DELETE", ID + "/servers", "");
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("allow")).contains("GET, POST, PUT");
    check("GET", ID, "", 200, STORED);
  }

  @Test
  void portalsOwnPortIsRefused() throws Exception {
    String own = "{\"host\":\"127.0.0.1\",\"port\":" + port + "}";
    check("POST", "/services", own, 400, "{\"error\":\"Socket in use: '127.0.0.1:" + port + "'\"}");
  }

  @Test
  void aBodyThatIsTooLargeIs413() throws Exception {
    HttpResponse<String> response = ask("PUT", "/services", "[" + " ".repeat(200_000) + "]");
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).contains("100000 bytes");
  }

  @Test
  void namesCannotLeaveTheirDirectory() throws Exception {
    ask("PUT", "/routes", "[{\"domain\":\"a.com\",\"page\":\"x\"}]");
    for (String path :
        List.of("/services/..%2froutes", "/services/%2e%2e", "/services/tcp-..%2f..%2froutes-80")) {
      assertThat(ask("DELETE", path, "").statusCode()).as(path).isEqualTo(200);
    }
    assertThat(ask("DELETE", ID + "?svcId=../routes", "").statusCode()).isEqualTo(400);
    assertThat(ask("GET", "/routes", "").body()).contains("a.com");
  }

  @Test
  void parallelWritesAreAllKeptAndSurviveARestart() throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(20);
    try {
      List<Callable<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        String route = "{\"domain\":\"d" + i + ".com\",\"page\":\"x\"}";
        calls.add(() -> ask("POST", "/routes", route).statusCode());
      }
      for (Future<Integer> status : clients.invokeAll(calls)) {
        assertThat(status.get()).isEqualTo(200);
      }
    } finally {
      clients.shutdownNow();
    }
    daemon.close();
    daemon = daemon(Map.of());
    assertThat(ask("GET", "/routes", "").body().split("\"domain\"", -1)).hasSize(61);
  }

  @Test
  void whatCannotBeBoundIsRefusedAndNothingChanged() throws Exception {
    // 192.0.2.1 is nobody's address (RFC 5737).
    String service = "{\"host\":\"192.0.2.1\",\"port\":21234}";
    HttpResponse<String> response = ask("POST", "/services", service);
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body())
        .contains("userspace: add service tcp-192.0.2.1-21234: EADDRNOTAVAIL");
    check("GET", "/services", "", 200, "[]");
  }

  @Test
  void aDrainAnswersAtOnceAndIsCalledOffByAdding() throws Exception {
    ask("POST", "/services", SERVICE);
    ask("POST", ID + "/servers", SERVER);
    check("DELETE", ID + "/servers/127_0_0_9-8080?drain=60s", "", 202, "{\"msg\":\"Draining\"}");
    check(
        "DELETE",
        ID + "?drain=soon",
        "",
        400,
        "{\"error\":\"Invalid drain - 'soon': must be a time of up to 7 days such as 30s, 5m or"
            + " 1h\"}");
    check("POST", ID + "/servers", SERVER, 200, STORED_SERVER);
  }

  @Test
  void aDrainGoesOnWhenItsServerIsChanged() throws Exception {
    ask("POST", "/services", SERVICE);
    ask("POST", ID + "/servers", SERVER);
    String server = ID + "/servers/127_0_0_9-8080";
    ask("DELETE", server + "?drain=60s", "");
    String draining = ask("PATCH", server, "{\"weight\":5}").body().strip();
    assertThat(draining).contains("\"weight\":5,", "\"draining\":true,\"drain_until\":");
    check("PUT", server, draining, 200, draining);
    ask("PATCH", ID, "{\"scheduler\":\"wlc\"}");
    check("GET", server, "", 200, draining);
    String back = STORED_SERVER.replace("\"weight\":2", "\"weight\":5");
    check("PATCH", server, "{\"draining\":false}", 200, back);
    ask("DELETE", server + "?drain=60s", "");
    check("PUT", server, SERVER, 200, STORED_SERVER);
  }

  @Test
  void patchesAtTheSameTimeAreAllKept() throws Exception {
    ask("POST", "/services", SERVICE);
    ExecutorService clients = Executors.newFixedThreadPool(20);
    try {
      List<Callable<Integer>> calls = new ArrayList<>();
      for (int i = 1; i <= 25; i++) {
        String server = SERVER.replace("127.0.0.9", "127.0.1." + i);
        String patch = "{\"weight\":" + (100 + i) + "}";
        String id = ID + "/servers/127_0_1_" + i + "-8080";
        calls.add(
            () ->
                ask("POST", ID + "/servers", server).statusCode() == 200
                    ? ask("PATCH", id, patch).statusCode()
                    : 0);
        String service = i % 2 == 0 ? "{\"persistence\":60}" : "{\"netmask\":\"255.255.0.0\"}";
        calls.add(() -> ask("PATCH", ID, service).statusCode());
      }
      for (Future<Integer> status : clients.invokeAll(calls)) {
        assertThat(status.get()).isEqualTo(200);
      }
    } finally {
      clients.shutdownNow();
    }
    String stored = ask("GET", ID, "").body();
    assertThat(stored).contains("\"persistence\":60,\"netmask\":\"255.255.0.0\"");
    for (int i = 1; i <= 25; i++) {
      assertThat(stored).contains("\"weight\":" + (100 + i) + ",");
    }
  }

  @Test
  void theFirstApiIsKept() throws Exception {
    String path = "/services/tcp/127.0.0.3/21234";
    check("GET", path, "", 404, "{\"error\":\"No Service Found\"}");
    check("POST", path, SERVICE, 200, STORED);
    check("GET", path, "", 200, STORED);
    check("POST", path + "/servers/127.0.0.9/8080", SERVER, 200, STORED_SERVER);
    check("GET", path + "/servers/127.0.0.9/8080", "", 200, STORED_SERVER);
    check("GET", path + "/servers", "", 200, "[" + STORED_SERVER + "]");
    check("DELETE", path + "/servers/127.0.0.9/8080", "", 200, "{\"msg\":\"Success\"}");
    check("GET", path + "/servers/127.0.0.9/8080", "", 404, "{\"error\":\"No Server Found\"}");
    check("POST", path + "/servers", "[" + SERVER + "]", 200, "[" + STORED_SERVER + "]");
    check("DELETE", path, "", 200, "{\"msg\":\"Success\"}");
    check("GET", "/services", "", 200, "[]");
  }

  @Test
  void theFirstApisPathAndBodyMustSayTheSame() throws Exception {
    String path = "/services/tcp/127.0.0.3/21234";
    check("POST", path, "{\"scheduler\":\"rr\"}", 200, STORED);
    HttpResponse<String> other = ask("POST", "/services/tcp/127.0.0.4/21234", SERVICE);
    assertThat(other.statusCode()).isEqualTo(400);
    assertThat(other.body()).contains("tcp-127.0.0.3-21234").contains("the path");
    String shouted = SERVICE.replace("host", "Host");
    assertThat(ask("POST", "/services/tcp/127.0.0.4/21234", shouted).statusCode()).isEqualTo(400);
    check(
        "POST",
        path + "/servers/127.0.0.9/8080",
        "{\"weight\":2,\"forwarder\":\"m\"}",
        200,
        STORED_SERVER);
    assertThat(ask("POST", path + "/servers/127.0.0.8/8080", SERVER).statusCode()).isEqualTo(400);
    check("DELETE", path + "/servers/127.0.0.9/8080?drain=60s", "", 202, "{\"msg\":\"Draining\"}");
    assertThat(ask("GET", "/services", "").body()).contains("\"draining\":true");
  }

  @Test
  void aPathOfTheNewApiIsNoneOfTheFirst() throws Exception {
    ask("POST", "/services", SERVICE);
    HttpResponse<String> response = ask("POST", ID + "/servers/127_0_0_9-8080", SERVICE);
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("allow").orElseThrow()).doesNotContain("POST");
  }

  @Test
  void countersAreShownAsJsonAndForPrometheus() throws Exception {
    ask("POST", "/services", SERVICE);
    ask("POST", ID + "/servers", SERVER);
    assertThat(ask("GET", ID + "/stats", "").body())
        .startsWith("{\"id\":\"tcp-127_0_0_3-21234\",\"connections\":0,")
        .contains("\"servers\":[{\"id\":\"127_0_0_9-8080\",\"active_connections\":0");
    assertThat(ask("GET", "/stats", "").body()).startsWith("[{\"id\":\"tcp-127_0_0_3-21234\"");
    HttpResponse<String> metrics = ask("GET", "/metrics", "");
    String labels = "service=\"tcp-127_0_0_3-21234\",server=\"127_0_0_9-8080\"";
    assertThat(metrics.statusCode()).isEqualTo(200);
    assertThat(metrics.headers().firstValue("transfer-encoding")).contains("chunked");
    assertThat(metrics.body())
        .contains("portal_service_connections_total{service=\"tcp-127_0_0_3-21234\"} 0\n")
        .contains("# TYPE portal_service_in_bytes_per_second gauge\n")
        .contains("portal_server_active_connections{" + labels + "} 0\n")
        .contains("portal_server_inactive_connections{" + labels + "} 0\n")
        .contains("portal_server_out_bytes_total{" + labels + "} 0\n")
        .contains("portal_server_weight{" + labels + "} 2\n")
        .contains("portal_drift_repaired_total 0.0")
        .contains("jvm_memory");
  }

  @Test
  void aListOfThousandsIsTakenAndSentAgainCostsNothing() throws Exception {
    daemon.close();
    daemon = daemon(Map.of("max-body", "16777216", "just-proxy", "true"));
    StringBuilder list = new StringBuilder("[");
    for (int i = 0; i < 5000; i++) {
      list.append(i == 0 ? "" : ",")
          .append("{\"host\":\"10.")
          .append(i / 250)
          .append('.')
          .append(i % 250)
          .append(".1\",\"port\":80,\"servers\":[{\"host\":\"10.99.0.1\",\"port\":80}]}");
    }
    list.append(']');
    assertThat(ask("PUT", "/services", list.toString()).statusCode()).isEqualTo(200);
    assertThat(ask("GET", "/metrics", "").body())
        .as("beyond 1,000 services, servers have no series of their own")
        .contains("portal_services 5000.0")
        .doesNotContain("portal_server_");
    long revision = daemon.portal().state().revision();
    assertThat(ask("PUT", "/services", list.toString()).statusCode()).isEqualTo(200);
    assertThat(daemon.portal().state().revision()).isEqualTo(revision);
    assertThat(daemon.portal().services().list()).hasSize(5000);
  }
}
