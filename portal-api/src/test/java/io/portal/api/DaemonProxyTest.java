package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.portal.api.config.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon with its proxy: routes that the API takes are served at once. */
class DaemonProxyTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir private Path directory;

  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer target;
  private int api;
  private int http;

  @BeforeEach
  void start() throws IOException {
    target = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
    target.createContext(
        "/",
        exchange -> {
          byte[] answer = exchange.getRequestURI().toString().getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    target.start();
    api = freePort();
    http = freePort();
  }

  @AfterEach
  void stop() {
    target.stop(0);
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, LOOPBACK)) {
      return free.getLocalPort();
    }
  }

  private Daemon daemon(Map<String, String> more) throws IOException {
    Map<String, String> flags =
        new HashMap<>(
            Map.of(
                "api-port",
                Integer.toString(api),
                "insecure",
                "true",
                "balancer",
                "userspace",
                "log-level",
                "ERROR",
                "db-connection",
                "scribble://" + directory.resolve("db"),
                "work-dir",
                directory.toString(),
                "proxy-http",
                "127.0.0.1:" + http,
                "proxy-tls",
                "off"));
    flags.putAll(more);
    return Daemon.start(Config.load(flags, Map.of()));
  }

  private String ask(String method, int port, String path, String body) throws Exception {
    var answer =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }

  private String route() {
    return "{\"path\":\"/api*\",\"fwdpath\":\"/v1\",\"targets\":[\"http://127.0.0.1:"
        + target.getAddress().getPort()
        + "\"]}";
  }

  @Test
  void aRouteIsServedWhenItsWriteIsAnsweredAndAfterARestart() throws Exception {
    try (Daemon daemon = daemon(Map.of())) {
      assertThat(ask("GET", http, "/api/x", "")).isEqualTo("502 NoRoutes\n");
      assertThat(ask("POST", api, "/routes", route())).startsWith("200 ");
      assertThat(ask("GET", http, "/api/x?y=1", "")).isEqualTo("200 /v1/x?y=1");
      assertThat(ask("GET", api, "/metrics", ""))
          .contains("portal_proxy_requests_total 2.0")
          .contains("portal_proxy_request_duration_seconds_count 2");
    }
    try (Daemon daemon = daemon(Map.of())) {
      assertThat(ask("GET", http, "/api/x", "")).isEqualTo("200 /v1/x");
      assertThat(ask("DELETE", api, "/routes", "{\"path\":\"/api*\"}")).startsWith("200 ");
      assertThat(ask("GET", http, "/api/x", "")).isEqualTo("502 NoRoutes\n");
    }
  }

  @Test
  void noServiceTakesAnAddressOfTheProxy() throws Exception {
    try (Daemon daemon = daemon(Map.of())) {
      assertThat(
              ask(
                  "POST",
                  api,
                  "/services",
                  "{\"host\":\"127.0.0.1\",\"port\":" + http + ",\"type\":\"tcp\"}"))
          .isEqualTo("400 {\"error\":\"Socket in use: '127.0.0.1:" + http + "'\"}\n");
    }
  }

  @Test
  void anAddressThatCannotBeHadStopsTheStartAndIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, LOOPBACK)) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      assertThatThrownBy(() -> daemon(Map.of("proxy-http", address)))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll(address, "in use", "proxy-http");
    }
    // Nothing of the failed start is left: the same directory and API port can be had.
    try (Daemon daemon = daemon(Map.of("proxy-http", "off"))) {
      assertThat(ask("GET", api, "/routes", "")).isEqualTo("200 []\n");
    }
  }
}
