package io.portal.proxy.http;

import io.portal.proxy.l4.TestServer;
import io.portal.proxy.tls.SelfSigned;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A server that answers each request with bytes that a test gives, and keeps what it was sent. */
final class ScriptedTarget implements Closeable {

  /** What is to be sent for a request; bytes that end in {@link #CLOSE} close the connection. */
  interface Script {
    String answer(String head, int ofConnection);
  }

  /** Ends an answer after which the connection is closed. */
  static final String CLOSE = "\u0000close";

  /** What stands behind it in an answer is sent when {@link #sendLater} is called. */
  static final String LATER = "\u0000later";

  /** An answer: none, the connection stays open. */
  static final String SILENT = "";

  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger ended = new AtomicInteger();
  private final CountDownLatch later = new CountDownLatch(1);
  private final Script script;
  private final String scheme;
  private final TestServer server;

  ScriptedTarget(Script script) {
    this(0, script);
  }

  /** One on a port; 0 for any that is free. */
  ScriptedTarget(int port, Script script) {
    this.script = script;
    scheme = "http";
    server = new TestServer("127.0.0.1", port, this::serve);
  }

  /** One that speaks TLS. */
  ScriptedTarget(SSLContext tls, Script script) {
    this.script = script;
    scheme = "https";
    server =
        new TestServer(
            "127.0.0.1",
            socket -> {
              try (SSLSocket secure =
                  (SSLSocket) tls.getSocketFactory().createSocket(socket, null, true)) {
                serve(secure);
              }
            });
  }

  /** The server's side of TLS with this certificate. */
  static SSLContext tls(SelfSigned certificate) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    char[] password = "secret".toCharArray();
    Certificate[] chain = {certificate.certificate()};
    store.setKeyEntry("key", certificate.key(), password, chain);
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private void serve(Socket socket) throws IOException {
    try {
      answer(socket);
    } finally {
      ended.incrementAndGet();
    }
  }

  private void answer(Socket socket) throws IOException {
    for (int i = 0; ; i++) {
      String head = head(socket.getInputStream());
      if (head.isEmpty()) {
        return;
      }
      String answer = script.answer(head, i);
      if (!answer.startsWith("HTTP/1.1 413")) {
        head += body(socket.getInputStream(), head);
      }
      requests.add(head);
      String[] parts = answer.replace(CLOSE, "").split(LATER, -1);
      socket.getOutputStream().write(parts[0].getBytes(StandardCharsets.ISO_8859_1));
      if (parts.length > 1) {
        awaitLater();
        socket.getOutputStream().write(parts[1].getBytes(StandardCharsets.ISO_8859_1));
      }
      if (answer.endsWith(CLOSE)) {
        return;
      }
    }
  }

  private void awaitLater() throws IOException {
    try {
      if (!later.await(20, TimeUnit.SECONDS)) {
        throw new IOException("nobody asked for the rest of an answer");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends what stands behind {@link #LATER}. */
  void sendLater() {
    later.countDown();
  }

  /** How many connections have ended. */
  int ended() {
    return ended.get();
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        return "";
      }
      head.append((char) b);
    }
    return head.toString();
  }

  private static String body(InputStream in, String head) throws IOException {
    String lower = head.toLowerCase(java.util.Locale.ROOT);
    if (lower.contains("\r\ntransfer-encoding: chunked\r\n")) {
      return chunks(in);
    }
    int at = lower.indexOf("\r\ncontent-length:");
    if (at < 0) {
      return "";
    }
    int length = Integer.parseInt(lower.substring(at + 17, lower.indexOf('\r', at + 2)).strip());
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the proxy went within a body");
    }
    return new String(body, StandardCharsets.ISO_8859_1);
  }

  /** What is in chunks, and their trailers; what ends before they do is no body. */
  private static String chunks(InputStream in) throws IOException {
    StringBuilder chunks = new StringBuilder();
    for (int size = -1; size != 0; ) {
      size = Integer.parseInt(line(in).strip(), 16);
      if (size > 0) {
        chunks.append(new String(in.readNBytes(size), StandardCharsets.ISO_8859_1));
        line(in);
      }
    }
    for (String line = line(in); ; line = line(in)) {
      chunks.append(line);
      if (line.equals("\r\n")) {
        return chunks.toString();
      }
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.indexOf("\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("the proxy went within chunks");
      }
      line.append((char) b);
    }
    return line.toString();
  }

  /** What it was sent so far: heads and bodies of known length. */
  List<String> requests() {
    return requests;
  }

  URI uri() {
    return URI.create(scheme + "://127.0.0.1:" + server.port());
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
