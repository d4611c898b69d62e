package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * A connection towards a target whose answers pass as bytes: reads their heads and finds their
 * ends. One exchange at a time; its event loop only.
 */
final class WireUpstream extends TargetConnection {

  private final WirePool pool;
  private final Limits limits;
  private @Nullable WireExchange exchange;
  private @Nullable ByteBuf held;
  private ResponseHead.Framing framing = ResponseHead.Framing.NONE;
  private @Nullable ChunkScan chunks;
  private boolean begun;
  private boolean inBody;
  private long left;
  private boolean reusable;
  private boolean reused;

  WireUpstream(WirePool pool, Target.Place place, Limits limits) {
    super(place);
    this.pool = pool;
    this.limits = limits;
  }

  /** Whether it carried a request before, so that the target may just have closed it. */
  boolean reused() {
    return reused;
  }

  /** Whether a byte of the response has come, be it of a 1xx. */
  boolean begun() {
    return begun;
  }

  void attach(WireExchange user) {
    exchange = user;
    begun = false;
  }

  void write(ByteBuf part) {
    ChannelHandlerContext ctx = context();
    ctx.write(part, ctx.voidPromise());
  }

  void flush() {
    context().flush();
  }

  boolean writable() {
    return channel().isWritable();
  }

  void reading(boolean on) {
    channel().config().setAutoRead(on);
  }

  /** Nobody waits for its answer any more. */
  void drop() {
    exchange = null;
    channel().close();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    WireExchange user = exchange;
    begun = true;
    if (user == null) {
      // An answer that nobody asked for: the next request must not get it.
      in.release();
      pool.idle().remove(this);
      ctx.close();
    } else if (inBody) {
      body(user, in);
    } else {
      ByteBuf before = held;
      held = null;
      heads(
          before == null
              ? in
              : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, in));
    }
  }

  /** Reads heads, of which those before the last are 1xx. */
  private void heads(ByteBuf in) {
    ResponseHead head = ResponseHead.ofThread();
    WireExchange user = exchange;
    while (user != null) {
      int length = head.scan(in, limits.head());
      if (length == Head.INCOMPLETE) {
        held = in;
        return;
      }
      if (length > 0) {
        head.read(user.toHead());
      }
      // Nobody asked to switch, so 101 is as wrong as what is no head at all.
      if (length < 0 || head.status() == 101 || head.framing() == ResponseHead.Framing.UNCLEAR) {
        in.release();
        user.targetFailed();
        return;
      }
      in.skipBytes(length);
      if (head.status() >= 200) {
        answer(user, head, in);
        return;
      }
      user.interim(head);
    }
    in.release();
  }

  private void answer(WireExchange user, ResponseHead head, ByteBuf in) {
    framing = head.framing();
    reusable = head.reusable();
    left = framing == ResponseHead.Framing.LENGTH ? head.contentLength() : 0;
    chunks = framing == ResponseHead.Framing.CHUNKED ? new ChunkScan() : null;
    inBody = true;
    user.head(head, in.readableBytes());
    body(user, in);
  }

  /** Passes a part of the body; the first one may be empty. */
  private void body(WireExchange user, ByteBuf in) {
    ChunkScan scan = chunks;
    if (scan != null && !user.takesChunks()) {
      data(user, scan, in);
      return;
    }
    int mine = mine(in);
    if (mine < 0) {
      in.release();
      user.targetFailed();
      return;
    }
    boolean more = scan == null ? mine < in.readableBytes() : scan.behind();
    in.writerIndex(in.readerIndex() + mine);
    if (framing != ResponseHead.Framing.CLOSE && left == 0 && (scan == null || scan.done())) {
      finish(user, in, reusable && !more);
    } else {
      user.part(in);
    }
  }

  /** Passes what is in chunks, without them. */
  private void data(WireExchange user, ChunkScan scan, ByteBuf in) {
    ByteBuf ready = Unpooled.EMPTY_BUFFER;
    int length = scan.data(in);
    while (length > 0) {
      if (ready.isReadable()) {
        user.part(ready);
      }
      ready = in.readRetainedSlice(length);
      length = scan.data(in);
    }
    boolean more = in.isReadable();
    in.release();
    if (length < 0) {
      ready.release();
      user.targetFailed();
    } else if (scan.done()) {
      finish(user, ready, reusable && !more);
    } else {
      user.part(ready);
    }
  }

  /** How many of these bytes are the body's; they count as passed with that. */
  private int mine(ByteBuf in) {
    ChunkScan scan = chunks;
    if (scan != null) {
      return scan.scanBody(in);
    }
    if (framing == ResponseHead.Framing.CLOSE) {
      return in.readableBytes();
    }
    int mine = (int) Math.min(left, in.readableBytes());
    left -= mine;
    return mine;
  }

  private void finish(WireExchange user, ByteBuf last, boolean again) {
    ByteBuf trailers = chunks == null ? null : chunks.trailers();
    inBody = false;
    chunks = null;
    exchange = null;
    if (again && user.sent()) {
      reused = true;
      reading(true);
      finished();
    } else {
      channel().close();
    }
    user.last(last, trailers);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    WireExchange user = exchange;
    if (user != null) {
      user.flushClient();
    } else {
      readComplete(pool.idle(), this);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    WireExchange user = exchange;
    if (user != null) {
      user.targetWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ReferenceCountUtil.release(held);
    held = null;
    WireExchange user = exchange;
    exchange = null;
    if (user == null) {
      pool.idle().remove(this);
    } else if (inBody && framing == ResponseHead.Framing.CLOSE) {
      finish(user, Unpooled.EMPTY_BUFFER, false);
    } else {
      user.targetGone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // A failed write: an answer may be on its way yet; if there is none, the connection ends soon.
  }
}
