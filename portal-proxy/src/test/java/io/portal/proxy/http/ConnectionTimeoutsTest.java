package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When connections and streams are ended, by a clock that a test turns. */
class ConnectionTimeoutsTest extends Closing {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String LARGE =
      "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(1_000_000);

  private static final byte[] NOTHING = {};

  private final AtomicLong ahead = new AtomicLong();
  private final CountDownLatch released = new CountDownLatch(1);

  private void later(Duration time) {
    ahead.addAndGet(time.toNanos());
  }

  private Served served(boolean wire, Limits limits, ScriptedTarget.Script script)
      throws Exception {
    ScriptedTarget target = kept(new ScriptedTarget(script));
    return kept(
        Served.start(
                wire, proxy -> proxy.limits(limits).clock(() -> System.nanoTime() + ahead.get()))
            .to(target.uri()));
  }

  private static String more(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("ok") < 0) {
      int next = in.read();
      if (next < 0) {
        return head + "end";
      }
      head.append((char) next);
    }
    return head.toString();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endAStreamWhoseClientTakesNothing(boolean wire) throws Exception {
    Served served = served(wire, Limits.DEFAULT, (head, i) -> LARGE);
    try (RawHttp2 client = RawHttp2.greeted(served.port(false))) {
      client.get(1, "/");
      // All that the window takes; no more is granted.
      client.readData(65_535);
      client.repeatUntilEnd(1, NOTHING, () -> later(Duration.ofSeconds(5)));
      assertThat(client.outcome(1)).isEqualTo("reset CANCEL");
      // The connection goes on.
      assertThat(client.ping()).isEqualTo("pong");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endAStreamWhoseBodyDoesNotCome(boolean wire) throws Exception {
    Served served = served(wire, Limits.DEFAULT, (head, i) -> OK);
    try (RawHttp2 client = RawHttp2.greeted(served.port(false))) {
      client.headers(
          1,
          0,
          ":method",
          "POST",
          ":scheme",
          "http",
          ":authority",
          "h",
          ":path",
          "/",
          "content-length",
          "10");
      client.frame(RawHttp2.DATA, 0, 1, (byte) 'a');
      client.repeatUntilEnd(1, NOTHING, () -> later(Duration.ofSeconds(5)));
      assertThat(client.outcome(1)).isEqualTo("reset CANCEL");
    }
  }

  @ParameterizedTest
  @CsvSource({"PING,6,8", "SETTINGS,4,0", "PRIORITY,2,5", "unknown,77,3"})
  void endAConnectionWithoutRequests(String name, int type, int length) throws Exception {
    Served served = served(true, Limits.DEFAULT, (head, i) -> OK);
    try (RawHttp2 client = RawHttp2.greeted(served.port(false))) {
      client.get(1, "/");
      assertThat(client.outcome(1)).isEqualTo("200");
      client.repeatUntilEnd(
          3,
          RawHttp2.asBytes(type, 0, name.equals("PRIORITY") ? 3 : 0, new byte[length]),
          () -> later(Duration.ofSeconds(5)));
      // What was sent last may have met a closed socket, whose reset overtakes the GOAWAY.
      assertThat(client.end()).isIn("goaway NO_ERROR", "closed");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void sayGoAwayToAnIdleConnection(boolean wire) throws Exception {
    Served served = served(wire, Limits.DEFAULT, (head, i) -> OK);
    try (RawHttp2 client = RawHttp2.greeted(served.port(false))) {
      client.get(1, "/");
      assertThat(client.outcome(1)).isEqualTo("200");
      later(Duration.ofSeconds(121));
      assertThat(client.end()).isEqualTo("goaway NO_ERROR");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endAConnectionThatSendsEmptyLines(boolean wire) throws Exception {
    Served served = served(wire, Limits.DEFAULT, (head, i) -> OK);
    try (Socket socket = served.connect()) {
      socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes());
      assertThat(more(socket)).endsWith("ok");
      socket.setSoTimeout(20);
      Served.await(
          "the end",
          () -> {
            later(Duration.ofSeconds(5));
            try {
              socket.getOutputStream().write("\r\n".getBytes());
            } catch (IOException e) {
              return true;
            }
            return ended(socket);
          });
    }
  }

  private static boolean ended(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** The target's time is limited by a setting of its own. */
  @ParameterizedTest
  @CsvSource({"true,false", "false,false", "true,true", "false,true"})
  void leaveTheTargetItsTime(boolean wire, boolean second) throws Exception {
    Limits usual = Limits.DEFAULT;
    Limits patient =
        new Limits(
            usual.head(),
            usual.uri(),
            usual.headerRead(),
            usual.idle(),
            usual.connect(),
            Duration.ofHours(1),
            usual.streams());
    CountDownLatch asked = new CountDownLatch(1);
    Served served =
        served(
            wire,
            patient,
            (head, i) -> {
              asked.countDown();
              try {
                released.await(20, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return OK;
            });
    try (Socket socket = served.connect();
        RawHttp2 client = RawHttp2.greeted(served.port(false))) {
      if (second) {
        client.get(1, "/");
      } else {
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes());
      }
      assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < 3; i++) {
        later(Duration.ofSeconds(130));
        turnWheel(served);
      }
      released.countDown();
      assertThat(second ? client.outcome(1) : more(socket)).contains("200");
    }
  }

  /** Waits until the proxy has seen what time it is. */
  private void turnWheel(Served served) throws IOException {
    try (Socket socket = served.connect()) {
      socket.getOutputStream().write('G');
      later(Duration.ofSeconds(6));
      assertThat(socket.getInputStream().readAllBytes()).asString().startsWith("HTTP/1.1 408 ");
    }
  }

  @AfterEach
  void release() {
    released.countDown();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET / HT", "PRI * HTTP/2.0\r\n"})
  void endAHeadThatDoesNotCome(String part) throws Exception {
    Served served = served(true, Limits.DEFAULT, (head, i) -> OK);
    try (Socket socket = served.connect()) {
      socket.getOutputStream().write(part.getBytes(StandardCharsets.US_ASCII));
      assertThat(served.ask("GET", "/")).contains("200");
      later(Duration.ofSeconds(6));
      // HTTP/2 says SETTINGS and GOAWAY before.
      socket.getInputStream().readAllBytes();
    }
  }
}
