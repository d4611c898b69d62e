package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/**
 * Writes chunks (RFC 9112 7.1), for bodies whose only end is that of a target's connection.
 * Stateless.
 */
final class Chunks {

  private static final byte[] LAST = Head.ascii("0\r\n\r\n");

  private Chunks() {}

  /** This data as a chunk, the last one behind it if this is the end; nothing for nothing. */
  static ByteBuf of(ByteBufAllocator alloc, ByteBuf data, boolean end) {
    int length = data.readableBytes();
    ByteBuf out = alloc.ioBuffer(length + 24);
    if (length > 0) {
      out.writeCharSequence(Integer.toHexString(length) + "\r\n", StandardCharsets.US_ASCII);
      out.writeBytes(data).writeByte('\r').writeByte('\n');
    }
    data.release();
    return end ? out.writeBytes(LAST) : out;
  }
}
