package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies over the limit, as bytes on a connection. */
class LargeBodyTest {

  private static final int LIMIT_MILLIS = 30_000;
  private static final int LARGE = 20_000_000;
  private static final String REFUSAL =
      "{\"error\":\"Body too large: at most " + TestDaemon.MAX_BODY + " bytes\"}\n";

  @TempDir private Path directory;

  @Test
  void whoSendsTheWholeBodyFirstReadsTheAnswer() throws Exception {
    try (TestDaemon daemon = TestDaemon.start(directory)) {
      assertThat(send(daemon, "Content-Length: " + LARGE, new byte[LARGE])).endsWith(REFUSAL);
    }
  }

  @Test
  void whoSendsChunksReadsTheAnswer() throws Exception {
    try (TestDaemon daemon = TestDaemon.start(directory)) {
      String chunk = Integer.toHexString(LARGE) + "\r\n" + " ".repeat(LARGE) + "\r\n0\r\n\r\n";
      assertThat(
              send(daemon, "Transfer-Encoding: chunked", chunk.getBytes(StandardCharsets.US_ASCII)))
          .endsWith(REFUSAL);
    }
  }

  @Test
  void whoAsksFirstIsRefusedInJsonToo() throws Exception {
    try (TestDaemon daemon = TestDaemon.start(directory)) {
      assertThat(send(daemon, "Expect: 100-continue\r\nContent-Length: " + LARGE, new byte[0]))
          .startsWith("HTTP/1.1 413 ")
          .endsWith(REFUSAL);
    }
  }

  /** The answer up to the end of the connection, read only when all has been sent. */
  private static String send(TestDaemon daemon, String header, byte[] body) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), daemon.port())) {
      socket.setSoTimeout(LIMIT_MILLIS);
      OutputStream out = socket.getOutputStream();
      out.write(
          ("PUT /services HTTP/1.1\r\nHost: portal\r\n" + header + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      out.write(body);
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
