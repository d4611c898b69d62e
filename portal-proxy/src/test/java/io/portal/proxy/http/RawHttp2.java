package io.portal.proxy.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * An HTTP/2 client with prior knowledge that sends whatever frames it is told to (RFC 9113 4.1 and
 * 6), right or wrong. One thread's.
 */
final class RawHttp2 implements Closeable {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 1;
  static final int ACK = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;
  static final int WITH_PRIORITY = 0x20;

  static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
  private final Map<Integer, String> ended = new HashMap<>();
  private final Map<Integer, String> statuses = new HashMap<>();
  private String connection = "";
  private final Deque<Integer> lastStreams = new ArrayDeque<>();
  private final Deque<byte[]> pings = new ArrayDeque<>();
  private int pongs;
  private long data;

  /** Connects; the preface is still to be sent. */
  RawHttp2(int port) throws IOException {
    socket = new Socket();
    // What is not read must not hide in buffers.
    socket.setReceiveBufferSize(4096);
    socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    out = socket.getOutputStream();
    in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
  }

  /** Connects and says hello as it should be. */
  static RawHttp2 greeted(int port) throws IOException {
    RawHttp2 client = new RawHttp2(port);
    client.bytes(PREFACE);
    client.frame(SETTINGS, 0, 0);
    return client;
  }

  void bytes(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  void frame(int type, int flags, int stream, byte... payload) throws IOException {
    out.write(asBytes(type, flags, stream, payload));
  }

  /** A frame as it is sent (RFC 9113 4.1). */
  static byte[] asBytes(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** A request of which nothing more comes. */
  void get(int stream, String path) throws IOException {
    headers(
        stream, END_STREAM, ":method", "GET", ":scheme", "http", ":authority", "h", ":path", path);
  }

  void headers(int stream, int flags, String... namesAndValues) throws IOException {
    frame(HEADERS, flags | END_HEADERS, stream, block(namesAndValues));
  }

  /** A header block of literals without indexing or Huffman's code (RFC 7541 6.2.2). */
  static byte[] block(String... namesAndValues) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < namesAndValues.length; i++) {
      if (i % 2 == 0) {
        block.write(0);
      }
      byte[] text = namesAndValues[i].getBytes(StandardCharsets.ISO_8859_1);
      // RFC 7541 5.1, with a prefix of 7 bits
      int left = text.length;
      if (left < 127) {
        block.write(left);
      } else {
        block.write(127);
        for (left -= 127; left >= 128; left >>= 7) {
          block.write(left & 127 | 128);
        }
        block.write(left);
      }
      block.writeBytes(text);
    }
    return block.toByteArray();
  }

  /** A number of 32 bits, as most payloads have it. */
  static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  /**
   * Reads until a stream has ended, and says how: {@code 200}, {@code reset} or {@code goaway} with
   * an error's name, {@code closed}.
   */
  String outcome(int stream) throws IOException {
    while (!ended.containsKey(stream) && !connection.startsWith("closed")) {
      if (!read()) {
        break;
      }
    }
    return ended.getOrDefault(stream, connection);
  }

  /** Reads until the connection has ended, and says how; or {@code pong} if one came before. */
  String pong() throws IOException {
    int before = pongs;
    while (before == pongs && read()) {
      // what else comes does not matter
    }
    return before == pongs ? connection : "pong";
  }

  /** Sends a PING and reads until it is answered, or the connection has ended, and says which. */
  String ping() throws IOException {
    try {
      frame(PING, 0, 0, new byte[8]);
      return pong();
    } catch (SocketException e) {
      return connection.isEmpty() ? "closed" : connection;
    }
  }

  /** Sends a frame and a PING again and again, until a stream or the connection has ended. */
  void repeatUntilEnd(int stream, byte[] frame, Runnable step) throws IOException {
    long start = System.nanoTime();
    while (!ended.containsKey(stream) && System.nanoTime() - start < 20_000_000_000L) {
      step.run();
      try {
        bytes(frame);
      } catch (SocketException e) {
        return;
      }
      if (!ping().equals("pong")) {
        return;
      }
    }
  }

  /** Reads until so much data was there, of all streams. */
  void readData(long length) throws IOException {
    while (data < length && read()) {
      // what else comes does not matter
    }
  }

  /** Reads until a GOAWAY that was not asked for so far, and gives its last stream. */
  int lastStreamOfGoAway() throws IOException {
    while (lastStreams.isEmpty() && read()) {
      // what else comes does not matter
    }
    return lastStreams.remove();
  }

  /** Answers a PING, for which it waits. */
  void answerPing() throws IOException {
    while (pings.isEmpty() && read()) {
      // what else comes does not matter
    }
    frame(PING, ACK, 0, pings.remove());
  }

  /** Reads until the connection has ended, and says how. */
  String end() throws IOException {
    while (read()) {
      // what else comes does not matter
    }
    return connection;
  }

  /** Whether there was a frame to read. */
  private boolean read() throws IOException {
    byte[] payload;
    int type;
    int flags;
    int stream;
    try {
      int first = in.readInt();
      type = first & 0xff;
      flags = in.readUnsignedByte();
      stream = in.readInt();
      payload = new byte[first >>> 8];
      in.readFully(payload);
    } catch (EOFException | SocketException e) {
      connection = connection.isEmpty() ? "closed" : connection;
      return false;
    }
    switch (type) {
      case HEADERS -> statuses.putIfAbsent(stream, status(stream, payload));
      case RST_STREAM -> ended.putIfAbsent(stream, "reset " + error(payload, 0));
      case GOAWAY -> {
        if (connection.isEmpty()) {
          connection = "goaway " + error(payload, 4);
        }
        lastStreams.add(ByteBuffer.wrap(payload).getInt());
      }
      case PING -> {
        pongs += flags & ACK;
        if ((flags & ACK) == 0) {
          pings.add(payload);
        }
      }
      case DATA -> data += payload.length;
      default -> {}
    }
    if ((type == HEADERS || type == DATA) && (flags & END_STREAM) != 0) {
      ended.putIfAbsent(stream, statuses.get(stream));
    }
    return true;
  }

  private String status(int stream, byte[] payload) throws IOException {
    try {
      Http2Headers headers = decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(payload));
      return String.valueOf(headers.status());
    } catch (Http2Exception e) {
      throw new IOException("no headers on stream " + stream, e);
    }
  }

  private static String error(byte[] payload, int at) {
    return Http2Error.valueOf(ByteBuffer.wrap(payload).getInt(at)).name();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
