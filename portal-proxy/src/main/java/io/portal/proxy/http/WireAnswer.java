package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** The answer to a plain HTTP/1.1 request as its client gets it. The event loop only. */
final class WireAnswer {

  /** What an answer may bring with its head to share a buffer with it, in bytes. */
  private static final int TOGETHER = 4096;

  private static final byte[] VIA = Head.ascii("via: 1.1 portal\r\n");
  private static final byte[] CLOSE = Head.ascii("connection: close\r\n");
  private static final byte[] CHUNKED = Head.ascii("transfer-encoding: chunked\r\n");

  private @Nullable ByteBuf head;
  private boolean untilClose;

  /** A 1xx, which has no part in the answer itself. */
  static ByteBuf interim(ByteBufAllocator alloc, ResponseHead interim) {
    ByteBuf out = alloc.ioBuffer(interim.linesEnd() + 16);
    interim.forward(out);
    return out.writeByte('\r').writeByte('\n');
  }

  /**
   * Begins an answer; its head waits for what comes next.
   *
   * @param more how many bytes came with it
   */
  void begin(ByteBufAllocator alloc, ResponseHead answer, boolean keepAlive, int more) {
    untilClose = answer.framing() == ResponseHead.Framing.CLOSE;
    int room = VIA.length + CLOSE.length + CHUNKED.length + 32 + (more <= TOGETHER ? more : 0);
    ByteBuf out = alloc.ioBuffer(answer.linesEnd() + room);
    answer.forward(out);
    out.writeBytes(VIA);
    if (untilClose) {
      out.writeBytes(CHUNKED);
    }
    if (!keepAlive) {
      out.writeBytes(CLOSE);
    }
    head = out.writeByte('\r').writeByte('\n');
  }

  /**
   * What is to be written for a part of the body. The head goes with the first one: one write is
   * the whole of a small answer.
   */
  ByteBuf part(ByteBufAllocator alloc, ByteBuf part, boolean last) {
    ByteBuf body = untilClose ? Chunks.of(alloc, part, last) : part;
    ByteBuf first = head;
    head = null;
    if (first == null) {
      return body;
    }
    if (body.readableBytes() > first.writableBytes()) {
      return alloc.compositeBuffer(2).addComponents(true, first, body);
    }
    first.writeBytes(body);
    body.release();
    return first;
  }

  /** Forgets a head that was not written. */
  void release() {
    ReferenceCountUtil.release(head);
    head = null;
  }
}
