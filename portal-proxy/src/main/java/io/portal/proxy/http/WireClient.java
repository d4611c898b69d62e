package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/1.1 connection while all its requests are plain: heads are looked at and spliced,
 * bodies pass as bytes, nothing becomes an object. The first request that is not plain hands the
 * connection over to {@link ClientHandler} for good, so what is refused is refused in one place.
 * Its event loop only.
 */
final class WireClient extends ChannelInboundHandlerAdapter implements Requester, Ticker.Timed {

  /** Bytes of requests to come that are kept while one is answered. */
  private static final int AHEAD = 64 * 1024;

  private final Shared shared;
  private final Edge edge;
  private final Watch watch;
  private final WirePool pool;
  private final Runnable handOver;
  private final WireAnswer answer = new WireAnswer();
  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf held;
  private @Nullable WireExchange exchange;
  private @Nullable ByteBuf request;
  private boolean scanned;
  private String authority = "";
  private byte @Nullable [] about;
  private long bodyLeft;
  private boolean reading = true;
  private boolean pumping;
  private boolean keepAlive = true;
  private boolean draining;
  private boolean closing;

  /**
   * A client that has not said anything.
   *
   * @param handOver puts the handlers of the other way behind this one
   */
  WireClient(Shared shared, Edge edge, Watch watch, WirePool pool, Runnable handOver) {
    this.shared = shared;
    this.edge = edge;
    this.watch = watch;
    this.pool = pool;
    this.handOver = handOver;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    watch.user(this);
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (closing) {
      in.release();
      return;
    }
    ByteBuf before = held;
    held =
        before == null
            ? in
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, in);
    pump();
  }

  /** Uses what is held as far as that goes. */
  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    boolean on = true;
    while (on && held != null) {
      if (bodyLeft > 0) {
        on = body(held);
      } else {
        on = exchange == null && begin(held);
      }
    }
    pumping = false;
    updateReading();
  }

  private boolean body(ByteBuf in) {
    WireExchange user = exchange;
    if (user != null && !user.open()) {
      return false;
    }
    ByteBuf part;
    if (in.readableBytes() <= bodyLeft) {
      held = null;
      part = in;
    } else {
      part = in.readRetainedSlice((int) bodyLeft);
    }
    bodyLeft -= part.readableBytes();
    if (user == null) {
      // Its answer came before its end.
      part.release();
    } else {
      user.fromClient(part);
    }
    return true;
  }

  private boolean begin(ByteBuf in) {
    RequestHead.skipEmptyLines(in);
    if (!in.isReadable()) {
      in.release();
      held = null;
      return false;
    }
    RequestHead head = RequestHead.ofThread();
    int length = head.scan(in, shared.limits());
    if (length == Head.INCOMPLETE) {
      watch.headBegins();
      return false;
    }
    ServingTable table = shared.table();
    RequestGuard guard =
        length > 0 && head.plain() ? RequestGuard.of(head.authority(), head.target()) : null;
    ServedRoute route = guard == null ? null : table.tree().match(guard.host(), guard.path());
    if (guard == null || route == null || !route.wire()) {
      toCodecs(in);
      return false;
    }
    watch.headEnds();
    bodyLeft = head.contentLength();
    keepAlive = head.keepAlive() && !shared.draining();
    authority = guard.authority();
    if (in.readableBytes() == length) {
      request = in;
      held = null;
    } else {
      request = in.readRetainedSlice(length);
    }
    WireExchange next = new WireExchange(this, table, route, guard, head.method(), bodyLeft == 0);
    exchange = next;
    scanned = true;
    next.start();
    scanned = false;
    return true;
  }

  private void toCodecs(ByteBuf in) {
    ChannelHandlerContext ctx = context();
    held = null;
    closing = true;
    watch.user(null);
    reading(true);
    handOver.run();
    ctx.fireChannelRead(in);
    ctx.fireChannelReadComplete();
    ctx.pipeline().remove(this);
  }

  @Override
  public ByteBuf request(@Nullable String path) {
    ByteBuf bytes = request;
    if (bytes == null) {
      throw new IllegalStateException("the request is gone");
    }
    RequestHead plain = RequestHead.ofThread();
    if (!scanned) {
      plain.scan(bytes, shared.limits());
      plain.plain();
    }
    return plain.forward(context().alloc(), path, about(), authority);
  }

  @Override
  public boolean requestEnded() {
    return bodyLeft == 0;
  }

  @Override
  public void targetReady() {
    pump();
  }

  @Override
  public void targetWritable() {
    updateReading();
  }

  @Override
  public boolean takesChunks() {
    return true;
  }

  @Override
  public void interim(ResponseHead interim) {
    write(WireAnswer.interim(context().alloc(), interim));
    flush();
  }

  @Override
  public void head(ResponseHead head, int more) {
    forget();
    answer.begin(context().alloc(), head, keepAlive, more);
  }

  @Override
  public void part(ByteBuf part) {
    write(answer.part(context().alloc(), part, false));
  }

  @Override
  public void last(ByteBuf part, @Nullable ByteBuf trailers) {
    answered(answer.part(context().alloc(), part, true));
  }

  @Override
  public void respond(HttpResponseStatus status, byte[] page) {
    boolean toHead = exchange != null && exchange.toHead();
    forget();
    answered(WireAnswer.own(status, page, keepAlive, toHead));
  }

  /** Writes the last of an answer; what comes next may be read. */
  private void answered(ByteBuf last) {
    ChannelHandlerContext ctx = context();
    exchange = null;
    if (!keepAlive || draining && held == null) {
      closing = true;
      if (bodyLeft > 0) {
        ctx.write(last, ctx.voidPromise());
        LingeringClose.start(ctx, watch);
      } else {
        ctx.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
      }
    } else {
      ctx.writeAndFlush(last, ctx.voidPromise());
      pump();
    }
  }

  private void forget() {
    ReferenceCountUtil.release(request);
    request = null;
    answer.release();
  }

  @Override
  public void abort() {
    closing = true;
    exchange = null;
    context().close();
  }

  /** Reads as much as can be passed on or kept. */
  private void updateReading() {
    WireExchange user = exchange;
    reading(
        (held == null || held.readableBytes() < AHEAD)
            && (user == null || bodyLeft == 0 || user.targetTakesMore()));
  }

  private void reading(boolean on) {
    if (on != reading) {
      reading = on;
      context().channel().config().setAutoRead(on);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (exchange != null && bodyLeft > 0) {
      exchange.flushTarget();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (exchange != null) {
      exchange.clientWritable(ctx.channel().isWritable());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closing = true;
    ReferenceCountUtil.release(held);
    held = null;
    forget();
    WireExchange running = exchange;
    exchange = null;
    if (running != null) {
      running.end();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == Shared.DRAIN) {
      draining = true;
      if (exchange == null) {
        ctx.close();
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  @Override
  public void tick(long nanoTime) {
    if (exchange != null) {
      exchange.tick(nanoTime);
    }
  }

  private void write(ByteBuf part) {
    ChannelHandlerContext ctx = context();
    ctx.write(part, ctx.voidPromise());
  }

  @Override
  public void flush() {
    context().flush();
  }

  @Override
  public boolean writable() {
    return context().channel().isWritable();
  }

  @Override
  public WirePool pool() {
    return pool;
  }

  @Override
  public Shared shared() {
    return shared;
  }

  private byte[] about() {
    byte[] lines = about;
    if (lines == null) {
      lines = edge.about(context().channel(), "1.1");
      about = lines;
    }
    return lines;
  }
}
