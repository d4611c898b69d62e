package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that change to a protocol of which a proxy knows nothing (RFC 9110 7.8). */
class TunnelTest {

  private static final int LARGE = 4 << 20;

  /** What the target does with a connection that has changed its protocol. */
  private interface Script<T> {
    T run(Socket socket) throws Exception;
  }

  private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private Served proxy;

  TunnelTest() throws IOException {}

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    listener.close();
  }

  private <T> CompletableFuture<T> serve(boolean wire, Limits limits, Script<T> script)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + listener.getLocalPort());
    proxy = Served.before(uri, wire, limits);
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (Socket socket = listener.accept()) {
                socket.setSoTimeout(20_000);
                head(socket);
                say(
                    socket,
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n"
                        + "Upgrade: x\r\n\r\n");
                result.complete(script.run(socket));
              } catch (Exception e) {
                result.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  private Socket tunnel() throws IOException {
    return tunnel(new Socket());
  }

  private Socket tunnel(Socket socket) throws IOException {
    socket.connect(proxy.proxy().httpAddress());
    socket.setSoTimeout(20_000);
    say(socket, "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
    assertThat(head(socket)).startsWith("HTTP/1.1 101 ");
    return socket;
  }

  private static String head(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("the end of a head that began with: " + head);
      }
      head.append((char) b);
    }
    return head.toString();
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] noise() {
    byte[] bytes = new byte[LARGE];
    new Random(2).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest(name = "as bytes: {0}")
  @ValueSource(booleans = {true, false})
  void aClientThatHasSaidAllStillListens(boolean wire) throws Exception {
    CompletableFuture<byte[]> heard =
        serve(
            wire,
            Limits.DEFAULT,
            socket -> {
              byte[] all = socket.getInputStream().readAllBytes();
              socket.getOutputStream().write(all);
              return all;
            });
    byte[] said = noise();
    try (Socket socket = tunnel()) {
      socket.getOutputStream().write(said);
      socket.shutdownOutput();
      assertThat(Arrays.equals(socket.getInputStream().readAllBytes(), said)).isTrue();
    }
    assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo(said);
  }

  @ParameterizedTest(name = "as bytes: {0}")
  @ValueSource(booleans = {true, false})
  void aTargetThatHasSaidAllStillListens(boolean wire) throws Exception {
    byte[] said = noise();
    CompletableFuture<byte[]> heard =
        serve(
            wire,
            Limits.DEFAULT,
            socket -> {
              socket.getOutputStream().write(said);
              socket.shutdownOutput();
              return socket.getInputStream().readAllBytes();
            });
    try (Socket socket = tunnel()) {
      assertThat(Arrays.equals(socket.getInputStream().readAllBytes(), said)).isTrue();
      socket.getOutputStream().write(said);
    }
    assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo(said);
  }

  @ParameterizedTest(name = "as bytes: {0}")
  @ValueSource(booleans = {true, false})
  void aClientThatHasSaidAllMayListenSlowly(boolean wire) throws Exception {
    byte[] said = noise();
    CompletableFuture<Integer> heard =
        serve(
            wire,
            Limits.DEFAULT,
            socket -> {
              // So that what was flushed comes before what has to wait.
              socket.getOutputStream().write('!');
              int end = socket.getInputStream().read();
              socket.getOutputStream().write(said);
              return end;
            });
    Socket small = new Socket();
    small.setReceiveBufferSize(4096);
    try (Socket socket = tunnel(small)) {
      assertThat(socket.getInputStream().read()).isEqualTo('!');
      socket.shutdownOutput();
      assertThat(Arrays.equals(socket.getInputStream().readAllBytes(), said)).isTrue();
    }
    assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo(-1);
  }

  @Test
  void livesAsLongAsItsTargetSpeaks() throws Exception {
    int parts = 30;
    CountDownLatch never = new CountDownLatch(1);
    CompletableFuture<String> over =
        serve(
            true,
            Served.idle(Duration.ofSeconds(1)),
            socket -> {
              OutputStream out = socket.getOutputStream();
              for (int part = 0; part < parts; part++) {
                out.write('.');
                never.await(50, TimeUnit.MILLISECONDS);
              }
              return "said";
            });
    try (Socket socket = tunnel()) {
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .isEqualTo(".".repeat(parts));
    }
    assertThat(over.get(20, TimeUnit.SECONDS)).isEqualTo("said");
  }
}
