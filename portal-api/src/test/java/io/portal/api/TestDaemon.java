package io.portal.api;

import io.portal.api.config.Config;
import io.portal.core.model.ErrorPages;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The whole daemon on loopback, with the userspace balancer and the proxy, and a client of it. */
final class TestDaemon implements AutoCloseable {

  static final String TOKEN = "secret-token";
  static final int MAX_BODY = 100_000;

  private final HttpClient client = HttpClient.newHttpClient();
  private final Config config;
  private final Daemon daemon;

  private TestDaemon(Config config) throws IOException {
    this.config = config;
    daemon = Daemon.start(config);
  }

  /** A daemon whose files are in that directory, on a port that was free. */
  static TestDaemon start(Path directory) throws IOException {
    Map<String, String> flags = new HashMap<>();
    flags.put("api-port", Integer.toString(FreePort.find()));
    flags.put("api-token", TOKEN);
    flags.put("insecure", "true");
    flags.put("balancer", "userspace");
    flags.put("log-level", "ERROR");
    flags.put("max-body", Integer.toString(MAX_BODY));
    flags.put("db-connection", "scribble://" + directory.resolve("db"));
    flags.put("work-dir", directory.toString());
    flags.put("proxy-http", "127.0.0.1:" + FreePort.find());
    flags.put("proxy-tls", "127.0.0.1:" + FreePort.find());
    return new TestDaemon(Config.load(flags, Map.of()));
  }

  Config config() {
    return config;
  }

  Daemon daemon() {
    return daemon;
  }

  int port() {
    return daemon.port();
  }

  /** Asks with the token. */
  HttpResponse<String> ask(String method, String target, String body)
      throws IOException, InterruptedException {
    return send(request(method, target, body).header("X-AUTH-TOKEN", TOKEN));
  }

  /** Asks without a token. */
  HttpResponse<String> askAsStranger(String method, String target)
      throws IOException, InterruptedException {
    return send(request(method, target, ""));
  }

  private HttpRequest.Builder request(String method, String target, String body) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + target))
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  /** Takes away all that a test has put there. */
  void empty() {
    daemon.portal().services().setAll(List.of());
    daemon.portal().routes().setAll(List.of());
    daemon.portal().certs().setAll(List.of());
    daemon.portal().vips().setAll(List.of());
    daemon.portal().setPages(ErrorPages.DEFAULT);
  }

  @Override
  public void close() {
    daemon.close();
  }
}
