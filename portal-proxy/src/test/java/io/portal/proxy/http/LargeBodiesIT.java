package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyTable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** 4 GiB each way through a proxy that has 64 MiB. */
class LargeBodiesIT {

  private static final long SIZE = 4L << 30;
  private static final Duration STANDSTILL = Duration.ofSeconds(2);

  private ServerSocket target;
  private Process process;
  private int port;

  /** The proxy, alone in its process; arguments: the target's port, and whether bytes pass. */
  public static final class Alone {

    private Alone() {}

    /** Says its port and serves until standard input ends. */
    public static void main(String[] arguments) throws Exception {
      HttpProxy proxy =
          HttpProxy.builder()
              .http(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .threads(1)
              .wire(Boolean.parseBoolean(arguments[1]))
              .start();
      Route route =
          new Route(
              new RouteId("", "", ""),
              List.of(URI.create("http://127.0.0.1:" + arguments[0])),
              "",
              "",
              HealthCheck.NONE);
      proxy.apply(new ProxyTable(List.of(route), List.of(), ErrorPages.DEFAULT));
      System.out.println("port " + proxy.httpAddress().getPort());
      System.in.read();
      Runtime.getRuntime().halt(0);
    }
  }

  @BeforeEach
  void target() throws IOException {
    target = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(this::serve);
    thread.setDaemon(true);
    thread.start();
  }

  private void proxy(boolean wire) throws Exception {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:MaxDirectMemorySize=64m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                Alone.class.getName(),
                "" + target.getLocalPort(),
                "" + wire)
            .redirectErrorStream(true)
            .start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith("port ")) {
        port = Integer.parseInt(line.substring(5));
        return;
      }
    }
    throw new IOException("the proxy did not start");
  }

  @AfterEach
  void stop() throws Exception {
    process.destroyForcibly().waitFor();
    target.close();
  }

  /** Answers with as much as was sent, or sends what is asked for. */
  private void serve() {
    try {
      while (true) {
        try (Socket socket = target.accept()) {
          InputStream in = socket.getInputStream();
          String head = head(in);
          OutputStream out = socket.getOutputStream();
          if (head.startsWith("GET")) {
            ascii(out, "HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n");
            byte[] part = new byte[1 << 16];
            for (long sent = 0; sent < SIZE; sent += part.length) {
              out.write(part);
            }
          } else {
            long got = skip(in, SIZE, false);
            ascii(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + got);
          }
        }
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static void ascii(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("no head");
      }
      head.append((char) b);
    }
    return head.toString();
  }

  /** Reads so much, standing still for a while near the end if asked to. */
  private static long skip(InputStream in, long size, boolean slow) throws IOException {
    byte[] part = new byte[1 << 16];
    long got = 0;
    boolean stood = !slow;
    while (got < size) {
      int read = in.read(part, 0, (int) Math.min(part.length, size - got));
      if (read < 0) {
        return got;
      }
      got += read;
      if (!stood && got > size / 2) {
        stood = true;
        pause();
      }
    }
    return got;
  }

  private static void pause() {
    try {
      Thread.sleep(STANDSTILL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(60_000);
    return socket;
  }

  private long resident() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
        .sum();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void passInConstantMemory(boolean wire) throws Exception {
    proxy(wire);
    long start = System.nanoTime();
    try (Socket socket = connect()) {
      ascii(socket.getOutputStream(), "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
      InputStream in = socket.getInputStream();
      assertThat(head(in)).startsWith("HTTP/1.1 200");
      assertThat(skip(in, SIZE, true)).isEqualTo(SIZE);
    }
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      ascii(out, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + SIZE + "\r\n\r\n");
      byte[] part = new byte[1 << 16];
      for (long sent = 0; sent < SIZE; sent += part.length) {
        out.write(part);
      }
      InputStream in = socket.getInputStream();
      assertThat(head(in)).startsWith("HTTP/1.1 200");
      assertThat(new String(in.readNBytes(10), StandardCharsets.US_ASCII)).isEqualTo("" + SIZE);
    }
    System.out.printf(
        "4 GiB down and up (as bytes: %s) in %d ms, %d MiB resident at most%n",
        wire, (System.nanoTime() - start) / 1_000_000, resident());
  }
}
