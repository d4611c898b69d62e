package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * The head of the plain HTTP/1.1 request that is being answered, kept as long as another target may
 * have to get it. The event loop only.
 */
final class WireRequest {

  private final Shared shared;
  private final Edge edge;
  private @Nullable ByteBuf bytes;
  private String authority = "";
  private boolean scanned;
  private byte @Nullable [] about;

  WireRequest(Shared shared, Edge edge) {
    this.shared = shared;
    this.edge = edge;
  }

  /** Keeps a head, which is owned from now on and is the one that this thread scanned last. */
  void begin(ByteBuf head, String namedAuthority) {
    bytes = head;
    authority = namedAuthority;
    scanned = true;
  }

  /** From now on this thread may have scanned other heads. */
  void scannedBefore() {
    scanned = false;
  }

  /**
   * The head as a target gets it.
   *
   * @param path of the request line; null for the client's as it came
   */
  ByteBuf forward(ChannelHandlerContext ctx, @Nullable String path) {
    ByteBuf head = bytes;
    if (head == null) {
      throw new IllegalStateException("the request is gone");
    }
    RequestHead plain = RequestHead.ofThread();
    if (!scanned) {
      plain.scan(head, shared.limits());
      plain.plain();
    }
    return plain.forward(ctx.alloc(), path, about(ctx), authority, shared.options().underscores());
  }

  /** What targets are told about the client, which is the same for all its requests. */
  private byte[] about(ChannelHandlerContext ctx) {
    byte[] lines = about;
    if (lines == null) {
      lines = edge.about(ctx.channel(), shared.options().via() ? "1.1" : "");
      about = lines;
    }
    return lines;
  }

  /** Forgets the head. */
  void release() {
    ReferenceCountUtil.release(bytes);
    bytes = null;
  }
}
