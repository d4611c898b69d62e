package io.portal.cli.kernel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Makes requests from a namespace, each over a new connection, and tells who answered. */
final class Client {

  private static final int TIMEOUT_MILLIS = 5000;

  private final Namespace namespace;

  Client(Namespace namespace) {
    this.namespace = namespace;
  }

  /** Answers of so many HTTP requests, counted by server. */
  Map<String, Integer> http(String host, int port, int count) throws Exception {
    return namespace.in(
        () -> {
          Map<String, Integer> answers = new TreeMap<>();
          for (int i = 0; i < count; i++) {
            answers.merge(get(host, port), 1, Integer::sum);
          }
          return answers;
        });
  }

  private static String get(String host, int port) throws IOException {
    try (Socket socket = connect(host, port)) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(answer);
      String text = answer.toString(StandardCharsets.US_ASCII);
      return text.substring(text.indexOf("\r\n\r\n") + 4);
    }
  }

  private static Socket connect(String host, int port) throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getByName(host), port), TIMEOUT_MILLIS);
    return socket;
  }

  /** Who answers an HTTP request if that comes about within a time; empty if not. */
  String quick(String host, int port, int millis) throws Exception {
    return namespace.in(
        () -> {
          try (Socket socket = new Socket()) {
            socket.setSoTimeout(millis);
            socket.connect(new InetSocketAddress(InetAddress.getByName(host), port), millis);
            socket
                .getOutputStream()
                .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String text =
                new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return text.substring(text.indexOf("\r\n\r\n") + 4);
          } catch (IOException notYet) {
            return "";
          }
        });
  }

  /** Answers of so many datagrams, each from a new port, counted by server. */
  Map<String, Integer> udp(String host, int port, int count) throws Exception {
    return namespace.in(
        () -> {
          Map<String, Integer> answers = new TreeMap<>();
          for (int i = 0; i < count; i++) {
            try (DatagramSocket socket = new DatagramSocket()) {
              socket.setSoTimeout(TIMEOUT_MILLIS);
              byte[] bytes = new byte[16];
              socket.send(new DatagramPacket(bytes, 1, InetAddress.getByName(host), port));
              DatagramPacket answer = new DatagramPacket(bytes, bytes.length);
              socket.receive(answer);
              answers.merge(
                  new String(bytes, 0, answer.getLength(), StandardCharsets.US_ASCII),
                  1,
                  Integer::sum);
            }
          }
          return answers;
        });
  }

  /** Begins a transfer without end. */
  Transfer transfer(String host, int port) throws Exception {
    return namespace.in(
        () -> {
          Socket socket = connect(host, port);
          socket
              .getOutputStream()
              .write("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          InputStream in = socket.getInputStream();
          in.readNBytes("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".length());
          return new Transfer(socket);
        });
  }

  /** A transfer that goes on until it is closed. */
  static final class Transfer implements AutoCloseable {

    private final Socket socket;

    private Transfer(Socket socket) {
      this.socket = socket;
    }

    /** Reads so many bytes more, which must all be the same server's; returns its name. */
    String go(int bytes) throws IOException {
      InputStream in = socket.getInputStream();
      // What waits already says nothing of now.
      in.skipNBytes(in.available());
      try {
        byte[] read = in.readNBytes(bytes);
        if (read.length < bytes) {
          throw new IOException("the transfer ended after " + read.length + " bytes");
        }
        return "s" + (char) read[0];
      } catch (SocketTimeoutException e) {
        throw new IOException("the transfer stands still", e);
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
