package io.portal.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 exchange on a connection of its own (RFC 9112). The JDK's clients do the same and
 * take 30 to 100 ms more to get going, which is as long as all the rest of a command.
 */
final class Http {

  /** A head longer than this is none of portal's. */
  private static final int HEAD_LIMIT = 64 * 1024;

  private final InputStream in;
  private int headLeft = HEAD_LIMIT;

  private Http(InputStream in) {
    this.in = in;
  }

  /**
   * Sends a request and reads the answer; blocks.
   *
   * @param authority for the Host header
   * @param token empty for none
   * @param body JSON; null for none
   * @throws IOException if the connection breaks, or the answer is not HTTP
   */
  static Answer exchange(
      Socket socket,
      String authority,
      String method,
      String path,
      String token,
      @Nullable String body)
      throws IOException {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(authority).append("\r\n");
    head.append("User-Agent: portal\r\nAccept: application/json\r\nConnection: close\r\n");
    if (!token.isEmpty()) {
      head.append("X-AUTH-TOKEN: ").append(token).append("\r\n");
    }
    byte[] content = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
    if (body != null) {
      head.append("Content-Type: application/json\r\nContent-Length: ").append(content.length);
      head.append("\r\n");
    }
    OutputStream out = socket.getOutputStream();
    ByteArrayOutputStream message = new ByteArrayOutputStream(content.length + 512);
    message.write(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
    message.write(content);
    IOException refused = null;
    try {
      message.writeTo(out);
      out.flush();
    } catch (IOException e) {
      // A server may refuse a body while it is being sent; what it says is worth more than that.
      refused = e;
    }
    try {
      return new Http(new BufferedInputStream(socket.getInputStream())).answer();
    } catch (IOException e) {
      throw refused == null ? e : refused;
    }
  }

  private Answer answer() throws IOException {
    String status = line();
    while (status.startsWith("HTTP/1.1 1")) { // interim answers, RFC 9110 section 15.2
      while (!line().isEmpty()) {
        headLeft--;
      }
      status = line();
    }
    if (!status.startsWith("HTTP/1.") || status.length() < 12) {
      throw new IOException("the answer is not HTTP");
    }
    long length = -1;
    boolean chunked = false;
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      String name = line.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT);
      String value = line.substring(colon + 1).strip();
      if (name.equals("content-length")) {
        length = number(value, 10);
      } else if (name.equals("transfer-encoding")) {
        chunked = value.equalsIgnoreCase("chunked");
      }
    }
    byte[] body = chunked ? chunks() : length < 0 ? in.readAllBytes() : bytes(length);
    return new Answer(
        (int) number(status.substring(9, 12), 10), new String(body, StandardCharsets.UTF_8));
  }

  /** RFC 9112 section 7.1; trailers are of no interest, for the connection ends here. */
  private byte[] chunks() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      headLeft = HEAD_LIMIT;
      String line = line();
      int semicolon = line.indexOf(';');
      long size = number((semicolon < 0 ? line : line.substring(0, semicolon)).strip(), 16);
      if (size == 0) {
        return body.toByteArray();
      }
      body.write(bytes(size));
      line();
    }
  }

  private byte[] bytes(long length) throws IOException {
    if (length > Integer.MAX_VALUE - 8) {
      throw new IOException("the answer is too long: " + length + " bytes");
    }
    byte[] bytes = in.readNBytes((int) length);
    if (bytes.length < length) {
      throw new EOFException("the connection ended within the answer");
    }
    return bytes;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection ended without an answer");
      }
      if (headLeft-- == 0) {
        throw new IOException("the head of the answer is too long");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  private static long number(String text, int radix) throws IOException {
    try {
      return Long.parseUnsignedLong(text, radix);
    } catch (NumberFormatException e) {
      throw new IOException("the answer is not HTTP: '" + text + "' is not a number", e);
    }
  }
}
