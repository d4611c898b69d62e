package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyTable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy on loopback between real clients and a real server. */
class HttpProxyTest {

  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;
  private HttpProxy proxy;
  private HttpClient client;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(ANY, 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          byte[] body = exchange.getRequestBody().readAllBytes();
          String head =
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " host="
                  + exchange.getRequestHeaders().getFirst("Host")
                  + " for="
                  + exchange.getRequestHeaders().getFirst("X-Forwarded-For")
                  + " hop="
                  + exchange.getRequestHeaders().getFirst("X-Hop")
                  + " body="
                  + body.length;
          byte[] answer = head.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    proxy =
        HttpProxy.builder().http(ANY).tls(ANY).threads(1).drainLimit(Duration.ofSeconds(2)).start();
    client = HttpClient.newBuilder().sslContext(Served.trusting()).build();
  }

  @AfterEach
  void stop() {
    proxy.close();
    server.stop(0);
  }

  private void serve(Route... routes) throws Exception {
    proxy.apply(new ProxyTable(List.of(routes), List.of(), ErrorPages.DEFAULT));
  }

  private Route toServer(String path, String fwdpath) {
    return route(path, fwdpath, "", "http://127.0.0.1:" + server.getAddress().getPort());
  }

  private static Route route(String path, String fwdpath, String page, String... targets) {
    return new Route(
        new RouteId("", "", path),
        java.util.Arrays.stream(targets).map(URI::create).toList(),
        fwdpath,
        page,
        HealthCheck.NONE);
  }

  private HttpResponse<String> ask(
      String scheme, String path, HttpClient.Version version, String body) throws Exception {
    InetSocketAddress address = scheme.equals("http") ? proxy.httpAddress() : proxy.tlsAddress();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + address.getPort() + path))
            .timeout(Duration.ofSeconds(10))
            .version(version);
    return client.send(
        (body == null ? request : request.POST(HttpRequest.BodyPublishers.ofString(body))).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String raw(String bytes) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), proxy.httpAddress().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void forwards() throws Exception {
    serve(toServer("/a*", "/b"));
    HttpResponse<String> answer = ask("http", "/a/x?y=1", HttpClient.Version.HTTP_1_1, null);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).startsWith("GET /b/x?y=1 host=localhost:");
    assertThat(answer.body()).contains("for=127.0.0.1 ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https"})
  void answersEveryRequestOfAnHttp2Connection(String scheme) throws Exception {
    serve(toServer("", ""), route("/page", "", "hello"));
    for (int i = 0; i < 20; i++) {
      HttpResponse<String> answer = ask(scheme, "/" + i, HttpClient.Version.HTTP_2, "body");
      assertThat(answer.body()).startsWith("POST /" + i + " ").endsWith("body=4");
      assertThat(ask(scheme, "/page", HttpClient.Version.HTTP_2, null).body()).isEqualTo("hello");
      HttpResponse<String> get = ask(scheme, "/" + i, HttpClient.Version.HTTP_2, null);
      assertThat(get.body()).startsWith("GET /" + i + " ");
      if (scheme.equals("https")) {
        assertThat(get.version()).isEqualTo(HttpClient.Version.HTTP_2);
      }
    }
  }

  @Test
  void whoComesBeforeTheFirstTableWaitsForIt() throws Exception {
    try (Socket early =
        new Socket(InetAddress.getLoopbackAddress(), proxy.httpAddress().getPort())) {
      early
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      early.setSoTimeout(200);
      assertThatThrownBy(() -> early.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      serve(route("", "", "hello"));
      early.setSoTimeout(10_000);
      assertThat(new String(early.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200")
          .endsWith("hello");
    }
  }

  @Test
  void answersByItself() throws Exception {
    serve(
        route("/text", "", "hello", "http://127.0.0.1:1"),
        route("/html", "", "<html>hi</html>"),
        route("/none", "", ""),
        route("/dead", "", "", "http://127.0.0.1:1"));
    HttpResponse<String> text = ask("http", "/text", HttpClient.Version.HTTP_1_1, null);
    assertThat(text.statusCode()).isEqualTo(200);
    assertThat(text.body()).isEqualTo("hello");
    assertThat(text.headers().firstValue("content-type").orElseThrow()).startsWith("text/plain");
    assertThat(
            ask("http", "/html", HttpClient.Version.HTTP_1_1, null)
                .headers()
                .firstValue("content-type")
                .orElseThrow())
        .startsWith("text/html");
    HttpResponse<String> none = ask("http", "/none", HttpClient.Version.HTTP_1_1, null);
    assertThat(none.statusCode() + none.body()).isEqualTo("503NoHealthy\n");
    HttpResponse<String> no = ask("http", "/other", HttpClient.Version.HTTP_1_1, null);
    assertThat(no.statusCode() + no.body()).isEqualTo("502NoRoutes\n");
    assertThat(ask("http", "/dead", HttpClient.Version.HTTP_1_1, null).statusCode()).isEqualTo(502);
  }

  @Test
  void triesTheNextTargetWhenOneRefuses() throws Exception {
    serve(
        route(
            "", "", "", "http://127.0.0.1:1", "http://127.0.0.1:" + server.getAddress().getPort()));
    for (int i = 0; i < 4; i++) {
      assertThat(ask("http", "/", HttpClient.Version.HTTP_1_1, "body").statusCode()).isEqualTo(200);
    }
    assertThat(proxy.stats().unhealthy()).containsExactly("http://127.0.0.1:1");
  }

  @Test
  void answersPipelinedRequestsInTheirOrder() throws Exception {
    serve(toServer("", ""));
    String answers =
        raw(
            "GET /1 HTTP/1.1\r\nHost: h\r\nConnection: X-Hop\r\nX-Hop: y\r\n\r\n"
                + "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
                + "GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assertThat(answers).containsSubsequence("GET /1 host=h", "hop=null", "GET /2", "GET /3");
    assertThat(asked).hasValue(3);
  }

  @Test
  void tunnelsAnUpgrade() throws Exception {
    try (java.net.ServerSocket echo = new java.net.ServerSocket(0, 1, ANY.getAddress())) {
      Thread thread =
          new Thread(
              () -> {
                try (Socket socket = echo.accept()) {
                  InputStream in = socket.getInputStream();
                  StringBuilder head = new StringBuilder();
                  while (head.indexOf("\r\n\r\n") < 0) {
                    head.append((char) in.read());
                  }
                  socket
                      .getOutputStream()
                      .write(
                          ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                                  + "Upgrade: echo\r\n\r\nhi")
                              .getBytes(StandardCharsets.US_ASCII));
                  in.transferTo(socket.getOutputStream());
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      thread.setDaemon(true);
      thread.start();
      serve(route("", "", "", "http://127.0.0.1:" + echo.getLocalPort()));
      try (Socket socket = new Socket(ANY.getAddress(), proxy.httpAddress().getPort())) {
        socket.setSoTimeout(10_000);
        socket
            .getOutputStream()
            .write(
                "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        StringBuilder got = new StringBuilder();
        while (!got.toString().endsWith("\r\n\r\nhi")) {
          got.append((char) socket.getInputStream().read());
        }
        assertThat(got).startsWith("HTTP/1.1 101").contains("echo");
        socket.getOutputStream().write("ping".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().readNBytes(4)).isEqualTo("ping".getBytes());
      }
    }
  }
}
