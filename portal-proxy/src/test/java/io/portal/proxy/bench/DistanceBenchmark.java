package io.portal.proxy.bench;

import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyTable;
import io.portal.proxy.http.HttpProxy;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How long 20 MB take over a distance of 50 ms there and back, up and down, between a client and a
 * proxy, and between a proxy and its target: portal beside nginx, round by round. Needs nginx and
 * curl.
 */
public final class DistanceBenchmark {

  private static final int DELAY_MILLIS = 25;
  private static final int BYTES = 20_000_000;
  private static final int ROUNDS = 5;
  private static final String HOST = Setup.host(0);

  private final Path directory;
  private final Path file;
  private final int plainTarget = freePort();
  private final int tlsTarget = freePort();

  private DistanceBenchmark(Path directory) throws IOException {
    this.directory = directory;
    file = directory.resolve("large");
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(BYTES);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static URI uri(String scheme, int port) {
    return URI.create(scheme + "://127.0.0.1:" + port);
  }

  /** Measures; prints a line for each way. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Files.createTempDirectory("distance");
    Certificates certificates = Certificates.write(directory, 1);
    DistanceBenchmark bench = new DistanceBenchmark(directory);
    int nginxHttps = freePort();
    int nginxToFar = freePort();
    try (DelayedRelay toTarget = new DelayedRelay(bench.tlsTarget, DELAY_MILLIS);
        HttpProxy near = bench.portal(certificates, uri("http", bench.plainTarget));
        HttpProxy toFar = bench.portal(certificates, uri("https", toTarget.port()));
        DelayedRelay toPortal = new DelayedRelay(near.tlsAddress().getPort(), DELAY_MILLIS);
        DelayedRelay toNginx = new DelayedRelay(nginxHttps, DELAY_MILLIS)) {
      Process nginx = bench.nginx(certificates, nginxHttps, nginxToFar, toTarget.port());
      try {
        for (int port : new int[] {bench.plainTarget, nginxHttps, nginxToFar}) {
          awaitListener(port);
        }
        int farPortal = toFar.httpAddress().getPort();
        bench.compare("client far, HTTP/2, down", "https", toPortal.port(), toNginx.port(), false);
        bench.compare("client far, HTTP/2, up", "https", toPortal.port(), toNginx.port(), true);
        bench.compare("https:// target far, down", "http", farPortal, nginxToFar, false);
        bench.compare("https:// target far, up", "http", farPortal, nginxToFar, true);
      } finally {
        nginx.destroy();
        nginx.waitFor();
      }
    }
  }

  private HttpProxy portal(Certificates certificates, URI target) throws Exception {
    InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
    HttpProxy proxy =
        HttpProxy.builder().http(any).tls(any).ignoreUpstream(true).threads(1).start();
    Route all = new Route(new RouteId("", "", ""), List.of(target), "", "", HealthCheck.NONE);
    proxy.apply(
        new ProxyTable(
            List.of(all),
            PortalUnderTest.certs(new Setup(Software.PORTAL, 1, 1), certificates),
            ErrorPages.DEFAULT));
    return proxy;
  }

  private Process nginx(Certificates certificates, int https, int toFar, int farTarget)
      throws IOException {
    String location =
        """
          location / { proxy_pass %s; proxy_http_version 1.1; proxy_ssl_verify off;
            proxy_buffering on; proxy_max_temp_file_size 0; proxy_request_buffering off; }
        """;
    String target =
        """
          location = /large { alias %s; }
          location = /sink { proxy_pass http://127.0.0.1:%d/sunk; proxy_request_buffering on; }
          location = /sunk { return 200 "ok"; }
        """
            .formatted(file, plainTarget);
    List<String> command =
        NginxConfigs.write(
            directory,
            """
            ssl_certificate %s;
            ssl_certificate_key %s;
            client_max_body_size 0;
            client_body_buffer_size 32m;
            server { listen 127.0.0.1:%d; %s }
            server { listen 127.0.0.1:%d ssl http2; %s }
            server { listen 127.0.0.1:%d ssl http2; %s }
            server { listen 127.0.0.1:%d; %s }
            """
                .formatted(
                    certificates.chain(0),
                    certificates.key(),
                    plainTarget,
                    target,
                    tlsTarget,
                    target,
                    https,
                    location.formatted(uri("http", plainTarget)),
                    toFar,
                    location.formatted(uri("https", farTarget))));
    return new ProcessBuilder(command).inheritIO().start();
  }

  private static void awaitListener(int port) throws Exception {
    for (int tries = 0; ; tries++) {
      try (Socket socket = new Socket("127.0.0.1", port)) {
        return;
      } catch (IOException e) {
        if (tries == 100) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  private void compare(String name, String scheme, int portal, int nginx, boolean up)
      throws Exception {
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    curl(scheme, portal, up);
    curl(scheme, nginx, up);
    for (int round = 0; round < ROUNDS; round++) {
      ours.add(curl(scheme, portal, up));
      theirs.add(curl(scheme, nginx, up));
    }
    Collections.sort(ours);
    Collections.sort(theirs);
    System.out.printf(
        "%-28s portal %.2f s, nginx %.2f s (medians of %d; 20 MB, 50 ms there and back)%n",
        name, ours.get(ROUNDS / 2), theirs.get(ROUNDS / 2), ROUNDS);
  }

  /** The seconds that one transfer takes on a connection of its own. */
  private double curl(String scheme, int port, boolean up) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("curl", "-sk", "-f", "-m", "120", "-o", "/dev/null", "-w", "%{time_total}"));
    if (up) {
      command.addAll(List.of("-H", "Expect:", "--data-binary", "@" + file));
    }
    command.addAll(
        List.of(
            "--resolve",
            HOST + ":" + port + ":127.0.0.1",
            scheme + "://" + HOST + ":" + port + (up ? "/sink" : "/large")));
    Process curl = new ProcessBuilder(command).start();
    String seconds =
        new String(curl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
    int code = curl.waitFor();
    if (code != 0) {
      throw new IOException("curl: exit code " + code + " for " + String.join(" ", command));
    }
    return Double.parseDouble(seconds);
  }
}
