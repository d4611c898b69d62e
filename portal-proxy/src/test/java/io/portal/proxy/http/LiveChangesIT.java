package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.util.SelfSignedCertificate;
import io.portal.core.Scale;
import io.portal.core.model.Cert;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyTable;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of changes of routes and certs, and nobody notices. */
class LiveChangesIT {

  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private static Cert cert(String host) throws Exception {
    SelfSignedCertificate made = new SelfSignedCertificate(host);
    try {
      return new Cert(
          Files.readString(made.certificate().toPath()),
          Files.readString(made.privateKey().toPath()));
    } finally {
      made.delete();
    }
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static Route route(String path, URI target) {
    return new Route(new RouteId("", "", path), List.of(target), "", "", HealthCheck.NONE);
  }

  private static final int CHANGES = Integer.getInteger("portal.changes", Scale.of(400, 1000));

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void disturbNoRequestNoTunnelAndNoUpload(boolean wire) throws Exception {
    List<Cert> certs = List.of(cert("a.test"), cert("b.test"), cert("c.test"));
    List<String> failures = new CopyOnWriteArrayList<>();
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong requests = new AtomicLong();
    try (ScriptedTarget target = new ScriptedTarget((head, i) -> OK);
        ServerSocket echo = new ServerSocket(0, 1, ANY.getAddress());
        HttpProxy proxy = HttpProxy.builder().http(ANY).tls(ANY).threads(1).wire(wire).start()) {
      thread(() -> echo(echo));
      URI echoUri = URI.create("http://127.0.0.1:" + echo.getLocalPort());
      proxy.apply(table(0, target.uri(), echoUri, certs));
      List<Thread> clients = new ArrayList<>();
      for (HttpClient.Version version : HttpClient.Version.values()) {
        for (String scheme : List.of("http", "https")) {
          clients.add(thread(() -> ask(proxy, scheme, version, over, requests, failures)));
        }
      }
      try (Socket tunnel = tunnel(proxy);
          Socket upload = upload(proxy, CHANGES * 100)) {
        for (int change = 1; change <= CHANGES; change++) {
          proxy.apply(table(change, target.uri(), echoUri, certs));
          if (change % 10 == 0) {
            pingPong(tunnel);
            upload.getOutputStream().write(new byte[1000]);
          }
        }
        byte[] answer = upload.getInputStream().readNBytes(12);
        assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
      }
      over.set(true);
      for (Thread client : clients) {
        client.join(20_000);
      }
    }
    assertThat(failures).isEmpty();
    assertThat(requests.get()).isGreaterThan(1000);
    System.out.printf("%d requests during %d changes, 0 failed%n", requests.get(), CHANGES);
  }

  private static ProxyTable table(int change, URI target, URI echo, List<Cert> certs) {
    return new ProxyTable(
        List.of(
            route("", target),
            route("/echo" + (change % 2 == 0 ? "" : "*"), echo),
            route("/other" + change % 7, target)),
        List.of(certs.get(change % 3), certs.get((change + 1) % 3)),
        ErrorPages.DEFAULT);
  }

  private static void ask(
      HttpProxy proxy,
      String scheme,
      HttpClient.Version version,
      AtomicBoolean over,
      AtomicLong requests,
      List<String> failures) {
    try {
      InetSocketAddress address = scheme.equals("http") ? proxy.httpAddress() : proxy.tlsAddress();
      URI uri = URI.create(scheme + "://localhost:" + address.getPort() + "/x");
      HttpClient client =
          HttpClient.newBuilder().sslContext(Served.trusting()).version(version).build();
      while (!over.get()) {
        HttpResponse<String> answer =
            client.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
                HttpResponse.BodyHandlers.ofString());
        requests.incrementAndGet();
        if (answer.statusCode() != 200 || !answer.body().equals("ok")) {
          failures.add(scheme + " " + version + " " + answer.statusCode() + answer.body());
        }
      }
    } catch (Exception e) {
      failures.add(scheme + " " + version + " " + e);
    }
  }

  private static void echo(ServerSocket listener) {
    try (Socket socket = listener.accept()) {
      InputStream in = socket.getInputStream();
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.read());
      }
      OutputStream out = socket.getOutputStream();
      out.write(
          "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      in.transferTo(out);
    } catch (java.io.IOException e) {
      // The test is over.
    }
  }

  private static Socket connect(HttpProxy proxy, String head) throws Exception {
    Socket socket = new Socket(ANY.getAddress(), proxy.httpAddress().getPort());
    socket.setSoTimeout(10_000);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static Socket tunnel(HttpProxy proxy) throws Exception {
    Socket socket =
        connect(
            proxy, "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = socket.getInputStream().read();
      assertThat(b).as(head.toString()).isNotNegative();
      head.append((char) b);
    }
    assertThat(head).startsWith("HTTP/1.1 101");
    return socket;
  }

  private static void pingPong(Socket tunnel) throws Exception {
    byte[] ping = "ping".getBytes(StandardCharsets.US_ASCII);
    tunnel.getOutputStream().write(ping);
    assertThat(tunnel.getInputStream().readNBytes(4)).isEqualTo(ping);
  }

  private static Socket upload(HttpProxy proxy, int length) throws Exception {
    return connect(proxy, "POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n");
  }
}
