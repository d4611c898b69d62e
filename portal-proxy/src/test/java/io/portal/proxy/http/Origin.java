package io.portal.proxy.http;

import com.google.common.hash.Hashing;
import io.portal.proxy.l4.TestServer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP/1.1 server that answers with what it understood of a request: its line, how its body was
 * framed, and the body's length and SHA-256. {@code /trailers} is answered in chunks with a
 * trailer, {@code /missing} with 404.
 */
final class Origin implements Closeable {

  private final AtomicInteger requests = new AtomicInteger();
  private final TestServer server = new TestServer("127.0.0.1", this::serve);

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  /** How many requests came. */
  int requests() {
    return requests.get();
  }

  /**
   * What a request is answered with.
   *
   * @param line method and target
   * @param framing {@code none}, {@code length} or {@code chunked}
   */
  static String answer(String line, String framing, byte[] body) {
    return line + " " + framing + " " + body.length + " " + Hashing.sha256().hashBytes(body) + "\n";
  }

  private void serve(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    InputStream in = new BufferedInputStream(socket.getInputStream());
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      respond(line, headers(in), in, socket.getOutputStream());
    }
  }

  private void respond(String line, Map<String, String> headers, InputStream in, OutputStream out)
      throws IOException {
    requests.incrementAndGet();
    if (headers.getOrDefault("expect", "").equals("100-continue")) {
      write(out, "HTTP/1.1 100 Continue\r\n\r\n");
    }
    String framing = "none";
    byte[] body = {};
    if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
      framing = "chunked";
      body = chunks(in);
    } else if (headers.containsKey("content-length")) {
      framing = "length";
      body = in.readNBytes(Integer.parseInt(headers.get("content-length")));
    }
    String[] words = line.split(" ", -1);
    String text = answer(words[0] + " " + words[1], framing, body);
    if (headers.containsKey("upgrade")) {
      text = "upgrade: " + headers.get("upgrade") + "\n";
    }
    if (words[1].equals("/trailers")) {
      write(
          out,
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
              + Integer.toHexString(text.length())
              + "\r\n"
              + text
              + "\r\n0\r\nX-Sum: 42\r\n\r\n");
    } else {
      write(
          out,
          (words[1].equals("/missing") ? "HTTP/1.1 404 Not Found" : "HTTP/1.1 200 OK")
              + "\r\nContent-Type: text/plain\r\nContent-Length: "
              + text.length()
              + "\r\n"
              // What a careful site sends; scanners ask for it.
              + "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"
              + "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
              + "Content-Security-Policy: default-src 'none'\r\n"
              + "Referrer-Policy: no-referrer\r\n\r\n"
              + (words[0].equals("HEAD") ? "" : text));
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static Map<String, String> headers(InputStream in) throws IOException {
    Map<String, String> headers = new HashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return headers;
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = size(in); size > 0; size = size(in)) {
      body.write(in.readNBytes(size));
      line(in);
    }
    headers(in);
    return body.toByteArray();
  }

  private static int size(InputStream in) throws IOException {
    return Integer.parseInt(line(in), 16);
  }

  /** A line without its end; an empty one at the end of the stream too. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
