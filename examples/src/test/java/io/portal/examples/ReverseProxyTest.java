package io.portal.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.portal.proxy.http.HttpProxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

class ReverseProxyTest {

  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  @Test
  void servesATargetAndAPage() throws Exception {
    HttpServer server = HttpServer.create(ANY, 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] path = exchange.getRequestURI().toString().getBytes();
          exchange.sendResponseHeaders(200, path.length);
          exchange.getResponseBody().write(path);
          exchange.close();
        });
    server.start();
    URI target = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    try (HttpProxy proxy = ReverseProxy.start(ANY, target)) {
      assertThat(ask(proxy, "/api/x?y=z")).isEqualTo("/api/x?y=z");
      assertThat(ask(proxy, "/other")).isEqualTo("Nothing here.\n");
    } finally {
      server.stop(0);
    }
  }

  private static String ask(HttpProxy proxy, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + proxy.httpAddress().getPort() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
        .body();
  }
}
