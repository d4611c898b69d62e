package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** What a client sent and nobody used yet. The event loop only. */
final class WireInput {

  /** Bytes of requests to come that are kept while one is answered. */
  private static final int AHEAD = 64 * 1024;

  private @Nullable ByteBuf held;

  /** Keeps more bytes, which are owned from now on. */
  void add(ByteBufAllocator alloc, ByteBuf more) {
    ByteBuf before = held;
    held =
        before == null ? more : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(alloc, before, more);
  }

  /** What is held, still owned by this; null for nothing. */
  @Nullable ByteBuf held() {
    return held;
  }

  /** Takes what is held, or its beginning where that is longer than what is asked for. */
  ByteBuf take(long most) {
    ByteBuf in = held;
    if (in == null) {
      throw new IllegalStateException("nothing is held");
    }
    if (in.readableBytes() > most) {
      return in.readRetainedSlice((int) most);
    }
    held = null;
    return in;
  }

  /** Whether so much is held that no more should be read. */
  boolean full() {
    return held != null && held.readableBytes() >= AHEAD;
  }

  /** Forgets what is held. */
  void release() {
    ReferenceCountUtil.release(held);
    held = null;
  }
}
