package io.portal.cli.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server in a namespace that answers with its name: over HTTP on port 8080, over UDP on port
 * 5353, IPv4 and IPv6. A request for {@code /stream} is answered with a byte every few
 * milliseconds, without end: a transfer that can be watched.
 */
final class Backend implements AutoCloseable {

  static final int HTTP_PORT = 8080;
  static final int UDP_PORT = 5353;

  private final String name;
  private final Namespace namespace;
  private final ServerSocket http;
  private final DatagramSocket udp;
  private final AtomicInteger requests = new AtomicInteger();

  Backend(Namespace namespace) throws Exception {
    this.name = namespace.name();
    this.namespace = namespace;
    http = namespace.in(() -> new ServerSocket(HTTP_PORT, 200, InetAddress.getByName("::")));
    udp = namespace.in(() -> new DatagramSocket(UDP_PORT, InetAddress.getByName("::")));
    namespace.newThread(this::serveHttp).start();
    namespace.newThread(this::serveUdp).start();
  }

  /** Requests answered so far, over HTTP and UDP. */
  int requests() {
    return requests.get();
  }

  private void serveHttp() {
    while (!http.isClosed()) {
      try {
        Socket connection = http.accept();
        namespace.newThread(() -> answer(connection)).start();
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void answer(Socket connection) {
    try (connection) {
      InputStream in = connection.getInputStream();
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int read = in.read();
        if (read < 0) {
          return;
        }
        head.append((char) read);
      }
      requests.incrementAndGet();
      OutputStream out = connection.getOutputStream();
      if (head.indexOf("GET /stream ") == 0) {
        out.write(
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        while (true) {
          out.write(name.charAt(1));
          Thread.sleep(5);
        }
      }
      out.write(
          ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n" + name)
              .getBytes(StandardCharsets.US_ASCII));
    } catch (IOException gone) {
      // The client has seen enough.
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void serveUdp() {
    byte[] bytes = new byte[1500];
    while (!udp.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
        udp.receive(packet);
        requests.incrementAndGet();
        byte[] answer = name.getBytes(StandardCharsets.US_ASCII);
        udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (SocketException closed) {
        return;
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    http.close();
    udp.close();
  }
}
