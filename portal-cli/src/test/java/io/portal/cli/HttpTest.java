package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Answers byte by byte. */
class HttpTest {

  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  private Answer answer(String bytes) throws IOException {
    try (Socket socket =
        new Socket() {
          @Override
          public InputStream getInputStream() {
            return new ByteArrayInputStream(bytes.getBytes(StandardCharsets.UTF_8));
          }

          @Override
          public OutputStream getOutputStream() {
            return sent;
          }
        }) {
      return Http.exchange(socket, "h:1", "PUT", "/x", "secret", "ä");
    }
  }

  @Test
  void theRequest() throws IOException {
    answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

    assertThat(sent.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "PUT /x HTTP/1.1\r\nHost: h:1\r\nUser-Agent: portal\r\nAccept: application/json\r\n"
                + "Connection: close\r\nX-AUTH-TOKEN: secret\r\nContent-Type: application/json\r\n"
                + "Content-Length: 2\r\n\r\nä");
  }

  @Test
  void everyFraming() throws IOException {
    assertThat(answer("HTTP/1.1 404 Not Found\r\ncontent-length: 3\r\n\r\nabcd"))
        .isEqualTo(new Answer(404, "abc"));
    assertThat(answer("HTTP/1.1 200 OK\r\n\r\nto the end"))
        .isEqualTo(new Answer(200, "to the end"));
    assertThat(
            answer(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n"
                    + "0123456789\r\n0\r\n\r\n"))
        .isEqualTo(new Answer(200, "abc0123456789"));
    assertThat(answer("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"))
        .isEqualTo(new Answer(200, "x"));
  }

  @Test
  void whatIsNoAnswer() {
    assertThatThrownBy(() -> answer("")).hasMessage("the connection ended without an answer");
    assertThatThrownBy(() -> answer("SSH-2.0-x\r\n")).hasMessage("the answer is not HTTP");
    assertThatThrownBy(() -> answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"))
        .hasMessage("the connection ended within the answer");
    assertThatThrownBy(() -> answer("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"))
        .hasMessage("the answer is not HTTP: 'x' is not a number");
    assertThatThrownBy(() -> answer("x".repeat(70_000)))
        .hasMessage("the head of the answer is too long");
  }
}
