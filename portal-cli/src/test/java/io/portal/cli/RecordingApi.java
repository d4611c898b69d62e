package io.portal.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTPS server that writes down what it is asked and answers what it is told to. */
final class RecordingApi implements AutoCloseable {

  private final HttpServer server;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Map<String, Answer> answers = new HashMap<>();

  RecordingApi() throws IOException {
    this(secure(0));
  }

  /** One that listens on that port of loopback. */
  static RecordingApi on(int port) throws IOException {
    return new RecordingApi(secure(port));
  }

  /** A port of loopback on which nobody listens. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HttpServer secure(int port) throws IOException {
    HttpsServer server = HttpsServer.create(loopback(port), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(TestTls.context()));
    return server;
  }

  /** One that does not speak TLS. */
  static RecordingApi plain() throws IOException {
    return new RecordingApi(HttpServer.create(loopback(0), 0));
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private RecordingApi(HttpServer server) {
    this.server = server;
    server.createContext("/", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
      requests.add(body.isEmpty() ? line : line + " " + body);
      Answer answer = answers.getOrDefault(line, new Answer(200, "{\"msg\":\"Success\"}\n"));
      byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  RecordingApi answering(String request, int status, String body) {
    answers.put(request, new Answer(status, body));
    return this;
  }

  /** {@code METHOD path body} of every request so far. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  String port() {
    return Integer.toString(server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
