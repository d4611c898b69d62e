package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/1.1 connection while all its requests are plain: heads are looked at and spliced,
 * bodies pass as bytes, nothing becomes an object. The first request that is not plain hands the
 * connection over to {@link ClientHandler} for good, so what is refused is refused in one place.
 * Its event loop only.
 */
final class WireClient extends ChannelInboundHandlerAdapter implements Ticker.Timed {

  /** Bytes of requests to come that are kept while one is answered. */
  private static final int AHEAD = 64 * 1024;

  private final Shared shared;
  private final Edge edge;
  private final Watch watch;
  private final WirePool pool;
  private final Runnable handOver;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf held;
  private @Nullable WireExchange exchange;
  private ServingTable table;
  private byte @Nullable [] about;
  private long bodyLeft;
  private boolean reading = true;
  private boolean pumping;
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
    table = shared.table();
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
  void pump() {
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
    int at = in.readerIndex();
    if (in.readableBytes() >= 2 && in.getByte(at) == '\r' && in.getByte(at + 1) == '\n') {
      // RFC 9112 2.2: an empty line before a request line is to be ignored.
      in.skipBytes(2);
    }
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
    table = shared.table();
    RequestGuard guard =
        length > 0 && head.plain() ? RequestGuard.of(head.authority(), head.target()) : null;
    ServedRoute route = guard == null ? null : table.tree().match(guard.host(), guard.path());
    if (guard == null || route == null || !route.wire()) {
      toCodecs(in);
      return false;
    }
    watch.headEnds();
    bodyLeft = head.contentLength();
    ByteBuf request = in;
    if (in.readableBytes() == length) {
      held = null;
    } else {
      request = in.readRetainedSlice(length);
    }
    WireExchange next =
        new WireExchange(this, route, guard, head, request, head.keepAlive() && !shared.draining());
    exchange = next;
    next.start(head);
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

  /** Answers by ourselves, instead of this exchange. */
  void respond(WireExchange instead, HttpResponseStatus status, byte[] body) {
    StringBuilder head = new StringBuilder(160);
    head.append("HTTP/1.1 ").append(status.code()).append(' ').append(status.reasonPhrase());
    head.append("\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ");
    head.append(body.length);
    head.append(instead.keepAlive() ? "\r\n\r\n" : "\r\nconnection: close\r\n\r\n");
    byte[] bytes = Head.ascii(head.toString());
    writeAndFlush(
        instead.toHead() ? Unpooled.wrappedBuffer(bytes) : Unpooled.wrappedBuffer(bytes, body));
    answered(instead);
  }

  /** The answer is written; what comes next may be read. */
  void answered(WireExchange done) {
    shared.counters().answered(System.nanoTime() - done.started());
    exchange = null;
    if (!done.keepAlive() || draining && held == null) {
      closing = true;
      context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else {
      pump();
    }
  }

  /** Nothing more can be said: the client must see that its answer is not whole. */
  void abort() {
    closing = true;
    exchange = null;
    context().close();
  }

  /** Reads as much as can be passed on or kept. */
  void updateReading() {
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

  void write(ByteBuf part) {
    ChannelHandlerContext ctx = context();
    ctx.write(part, ctx.voidPromise());
  }

  void writeAndFlush(ByteBuf part) {
    watch.moved();
    ChannelHandlerContext ctx = context();
    ctx.writeAndFlush(part, ctx.voidPromise());
  }

  void flush() {
    watch.moved();
    context().flush();
  }

  boolean writable() {
    return context().channel().isWritable();
  }

  ByteBufAllocator alloc() {
    return context().alloc();
  }

  long bodyLeft() {
    return bodyLeft;
  }

  ServingTable table() {
    return table;
  }

  WirePool pool() {
    return pool;
  }

  Limits limits() {
    return shared.limits();
  }

  void countUpstreamError() {
    shared.counters().upstreamErrors.increment();
  }

  /** The header lines that tell a target about this client, up to its X-Forwarded-Host's value. */
  byte[] about() {
    byte[] lines = about;
    if (lines == null) {
      InetSocketAddress remote = (InetSocketAddress) context().channel().remoteAddress();
      InetSocketAddress local = (InetSocketAddress) context().channel().localAddress();
      lines =
          Head.ascii(
              "x-forwarded-for: "
                  + remote.getAddress().getHostAddress()
                  + "\r\nx-forwarded-proto: "
                  + (edge.tls() ? "https" : "http")
                  + "\r\nx-forwarded-port: "
                  + local.getPort()
                  + "\r\nvia: 1.1 portal\r\nx-forwarded-host: ");
      about = lines;
    }
    return lines;
  }
}
