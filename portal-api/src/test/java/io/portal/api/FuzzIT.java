package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.api.config.Config;
import io.portal.core.Scale;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hundred thousand requests that nobody would write. */
class FuzzIT {

  private static final int REQUESTS = Integer.getInteger("portal.fuzz", Scale.of(30_000, 100_000));
  private static final int CLIENTS = 4;
  private static final String TOKEN = "fuzz";
  private static final long SPARE = 24L << 20;

  private static final String[] METHODS = {
    "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "FOO", "get"
  };
  private static final String[] PATHS = {
    "/services",
    "/services/tcp-127_0_0_3-80",
    "/services/tcp-127_0_0_3-80/servers",
    "/services/tcp-127_0_0_3-80/servers/127_0_0_9-8080",
    "/services/tcp/127.0.0.3/80",
    "/services/tcp/127.0.0.3/80/servers/127.0.0.9/8080",
    "/routes",
    "/certs",
    "/vips",
    "/errors",
    "/sync",
    "/stats",
    "/metrics",
    "/cluster",
    "/ping",
    "/readyz",
    "/openapi.json",
    "/"
  };
  private static final String[] BODIES = {
    "{\"host\":\"127.0.0.3\",\"port\":80,\"type\":\"tcp\",\"scheduler\":\"rr\",\"servers\":"
        + "[{\"host\":\"127.0.0.9\",\"port\":8080,\"forwarder\":\"m\",\"weight\":2}]}",
    "[{\"host\":\"127.0.0.3\",\"port\":80},{\"host\":\"::1\",\"port\":1,\"type\":\"udp\"}]",
    "{\"host\":\"127.0.0.9\",\"port\":8080,\"forwarder\":\"g\",\"upper_threshold\":9}",
    "[{\"domain\":\"a.com\",\"path\":\"/x*\",\"targets\":[\"http://127.0.0.1:1\"],\"page\":\"\"}]",
    "{\"domain\":\"a.com\",\"page\":\"x\",\"endpoint\":\"/h\",\"timeout\":5,\"attempts\":2}",
    "{\"key\":\"-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\",\"cert\":\"x\"}",
    "[{\"ip\":\"127.0.0.77/32\",\"interface\":\"lo\",\"alias\":\"lo:7\"}]",
    "{\"no_routes\":\"a\",\"no_healthy\":\"b\"}"
  };
  private static final String[] PIECES = {
    "null",
    "-1",
    "1e999",
    "99999999999999999999999999",
    "0.5",
    "true",
    "[]",
    "{}",
    "\"\"",
    "[[",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\u00c3\u0028",
    "\u00ff\u00fe",
    "\u0000",
    "\\",
    "\"",
    ",",
    ":",
    "65536",
    "-0",
    "\"../../etc\"",
    "\"%s\"",
    "NaN"
  };

  @TempDir private Path directory;
  private Daemon daemon;

  /** What a request was answered. */
  private record Answer(int status, String body, boolean closed) {}

  @Test
  void isAnsweredWithoutAFault() throws Exception {
    Map<String, String> flags = new HashMap<>();
    flags.put("api-port", Integer.toString(freePort()));
    flags.put("api-token", TOKEN);
    flags.put("insecure", "true");
    flags.put("just-proxy", "true");
    flags.put("proxy-http", "off");
    flags.put("proxy-tls", "off");
    flags.put("log-level", "ERROR");
    flags.put("max-body", "100000");
    flags.put("db-connection", "scribble://" + directory.resolve("db"));
    flags.put("work-dir", directory.toString());
    daemon = Daemon.start(Config.load(flags, Map.of()));
    try {
      storm(1, REQUESTS / 2);
      long before = used();
      storm(2, REQUESTS - REQUESTS / 2);
      assertThat(used()).isLessThan(before + SPARE);
      try (Socket socket = connect()) {
        assertThat(ask(socket, "GET", "/services", new byte[0]).body()).isEqualTo("[]\n");
      }
    } finally {
      daemon.close();
    }
  }

  private static int freePort() throws IOException {
    try (java.net.ServerSocket free =
        new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private void storm(int seed, int requests) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Callable<Void>> storms = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Random random = new Random(seed * 1000L + i);
        storms.add(
            () -> {
              client(random, requests / CLIENTS);
              return null;
            });
      }
      for (Future<Void> storm : clients.invokeAll(storms)) {
        storm.get();
      }
    } finally {
      clients.shutdownNow();
    }
    try (Socket socket = connect()) {
      for (String all : List.of("/services", "/routes", "/certs", "/vips")) {
        byte[] none = "[]".getBytes(StandardCharsets.US_ASCII);
        assertThat(ask(socket, "PUT", all, none).status()).as(all).isEqualTo(200);
      }
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), daemon.port());
    socket.setSoTimeout(30_000);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private void client(Random random, int requests) throws IOException {
    Socket socket = connect();
    try {
      for (int i = 0; i < requests; i++) {
        String method = METHODS[random.nextInt(METHODS.length)];
        String path = path(random);
        byte[] body = body(random);
        Answer answer = ask(socket, method, path, body);
        assertThat(answer.status())
            .as("%s %s %s: %s", method, path, new String(body, StandardCharsets.ISO_8859_1), answer)
            .isBetween(200, 499);
        assertThat(answer.body()).doesNotContain("Exception", "\tat ", "java.");
        if (answer.closed()) {
          socket.close();
          socket = connect();
        }
      }
    } finally {
      socket.close();
    }
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder(PATHS[random.nextInt(PATHS.length)]);
    switch (random.nextInt(8)) {
      case 0 -> path.append("/").append("a".repeat(random.nextInt(6000)));
      case 1 -> path.insert(1 + random.nextInt(path.length()), "%zz");
      case 2 -> path.insert(1 + random.nextInt(path.length()), "%00");
      case 3 -> path.insert(1 + random.nextInt(path.length()), "%c3%28/..%2f");
      case 4 -> path.append("?drain=").append(random.nextLong());
      case 5 -> path.append("?a=%&&=&drain=%f0%28%8c");
      case 6 -> path.setCharAt(path.length() - 1, (char) ('!' + random.nextInt(94)));
      default -> {}
    }
    return path.toString().replace(' ', '_');
  }

  private static byte[] body(Random random) {
    if (random.nextInt(50) == 0) {
      return "[".repeat(1 + random.nextInt(5000)).getBytes(StandardCharsets.US_ASCII);
    }
    StringBuilder body = new StringBuilder(BODIES[random.nextInt(BODIES.length)]);
    for (int i = random.nextInt(4); i > 0; i--) {
      int at = random.nextInt(body.length());
      String piece = PIECES[random.nextInt(PIECES.length)];
      switch (random.nextInt(3)) {
        case 0 -> body.insert(at, piece);
        case 1 -> body.replace(at, Math.min(body.length(), at + piece.length()), piece);
        default -> {
          int colon = body.indexOf(":", at);
          int end = colon < 0 ? -1 : Math.max(body.indexOf(",", colon), colon + 1);
          if (colon >= 0) {
            body.replace(colon + 1, Math.min(end, body.length()), piece);
          }
        }
      }
    }
    return body.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Answer ask(Socket socket, String method, String path, byte[] body)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        (method
                + " "
                + path
                + " HTTP/1.1\r\nHost: h\r\nX-AUTH-TOKEN: "
                + TOKEN
                + "\r\nContent-Length: "
                + body.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(body);
    socket.getOutputStream().write(out.toByteArray());
    DataInputStream in = new DataInputStream(socket.getInputStream());
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    String lower = head.toString().toLowerCase(Locale.ROOT);
    byte[] answer = method.equals("HEAD") ? new byte[0] : body(lower, in);
    return new Answer(
        Integer.parseInt(head.substring(9, 12)),
        new String(answer, StandardCharsets.UTF_8),
        lower.contains("connection: close"));
  }

  private static byte[] body(String head, DataInputStream in) throws IOException {
    if (!head.contains("transfer-encoding: chunked")) {
      int at = head.indexOf("content-length: ") + 16;
      byte[] body = new byte[Integer.parseInt(head.substring(at, head.indexOf('\r', at)))];
      in.readFully(body);
      return body;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      StringBuilder size = new StringBuilder();
      while (size.indexOf("\r\n") < 0) {
        size.append((char) in.readUnsignedByte());
      }
      byte[] chunk = new byte[Integer.parseInt(size.toString().strip(), 16)];
      in.readFully(chunk);
      body.writeBytes(chunk);
      in.readFully(new byte[2]);
      if (chunk.length == 0) {
        return body.toByteArray();
      }
    }
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    // A collection may leave what the next one takes.
    for (int i = 0; i < 3; i++) {
      System.gc();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }
}
