package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/**
 * A client's HTTP/1.1 connection while all its requests are plain: heads are looked at and spliced,
 * bodies pass as bytes, nothing becomes an object. The first request that is not plain hands the
 * connection over to {@link ClientHandler} for good, so what is refused is refused in one place.
 * Its event loop only.
 */
final class WireClient extends ChannelInboundHandlerAdapter
    implements Requester, ConnectionTimeouts.User {

  private final Shared shared;
  private final ConnectionTimeouts timeouts;
  private final WirePool pool;
  private final Runnable handOver;
  private final WireInput input = new WireInput();
  private final WireRequest request;
  private final WireAnswer answer = new WireAnswer();
  private @Nullable ChannelHandlerContext context;
  private @Nullable WireExchange exchange;
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
  WireClient(
      Shared shared, Edge edge, ConnectionTimeouts timeouts, WirePool pool, Runnable handOver) {
    this.shared = shared;
    this.timeouts = timeouts;
    this.pool = pool;
    this.handOver = handOver;
    request = new WireRequest(shared, edge);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    timeouts.user(this);
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
    input.add(ctx.alloc(), in);
    pump();
  }

  /** Uses what is held as far as that goes. */
  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    boolean on = true;
    for (ByteBuf in = input.held(); on && in != null; in = input.held()) {
      on = bodyLeft > 0 ? body() : exchange == null && begin(in);
    }
    pumping = false;
    updateReading();
  }

  private boolean body() {
    WireExchange user = exchange;
    if (user != null && !user.open()) {
      return false;
    }
    ByteBuf part = input.take(bodyLeft);
    bodyLeft -= part.readableBytes();
    timeouts.moved();
    if (user == null) {
      // Its answer came before its end.
      part.release();
      if (bodyLeft == 0) {
        timeouts.idle();
      }
    } else {
      user.fromClient(part);
    }
    return true;
  }

  private boolean begin(ByteBuf in) {
    RequestHead.skipEmptyLines(in);
    if (!in.isReadable()) {
      input.release();
      return false;
    }
    RequestHead head = RequestHead.ofThread();
    int length = head.scan(in, shared.limits());
    if (length == Head.INCOMPLETE) {
      timeouts.headBegins();
      return false;
    }
    ServingTable table = shared.table();
    RequestGuard guard =
        length > 0 && head.plain()
            ? RequestGuard.of(head.authority(), head.target(), shared.options())
            : null;
    ServedRoute route = guard == null ? null : table.tree().match(guard.host(), guard.path());
    if (guard == null || route == null || !route.wire()) {
      toCodecs();
      return false;
    }
    timeouts.requestBegins();
    bodyLeft = head.contentLength();
    keepAlive = head.keepAlive() && !shared.draining();
    request.begin(input.take(length), guard.authority());
    WireExchange next = new WireExchange(this, table, route, guard, head.method(), bodyLeft == 0);
    exchange = next;
    next.start();
    request.scannedBefore();
    return true;
  }

  private void toCodecs() {
    ChannelHandlerContext ctx = context();
    ByteBuf in = input.take(Long.MAX_VALUE);
    closing = true;
    timeouts.user(null);
    reading(true);
    handOver.run();
    ctx.fireChannelRead(in);
    ctx.fireChannelReadComplete();
    ctx.pipeline().remove(this);
  }

  @Override
  public ByteBuf request(@Nullable String path) {
    return request.forward(context(), path);
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
    announceClose();
    answer.begin(context().alloc(), head, keepAlive, more);
  }

  @Override
  public void part(ByteBuf part) {
    write(answer.part(context().alloc(), part, false));
  }

  @Override
  public void last(ByteBuf part, @Nullable ByteBuf trailers) {
    ByteBufAllocator alloc = context().alloc();
    answered(
        answer.part(alloc, trailers == null ? part : Trailers.append(alloc, part, trailers), true));
  }

  @Override
  public void respond(HttpResponseStatus status, byte[] page) {
    boolean toHead = exchange != null && exchange.toHead();
    forget();
    announceClose();
    answered(OwnAnswer.bytes(status, page, keepAlive, toHead));
  }

  /** A response that ends a draining connection says so. */
  private void announceClose() {
    keepAlive &= input.held() != null || !shared.draining();
  }

  /** Writes the last of an answer; what comes next may be read. */
  private void answered(ByteBuf last) {
    ChannelHandlerContext ctx = context();
    exchange = null;
    if (!keepAlive || draining && input.held() == null) {
      closing = true;
      if (bodyLeft > 0) {
        ctx.write(last, ctx.voidPromise());
        LingeringClose.start(ctx, timeouts);
      } else {
        ctx.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
      }
    } else {
      ctx.writeAndFlush(last, ctx.voidPromise());
      if (bodyLeft == 0) {
        timeouts.idle();
      }
      pump();
    }
  }

  private void forget() {
    request.release();
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
    reading(!input.full() && (user == null || bodyLeft == 0 || user.targetTakesMore()));
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
    input.release();
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
      if (exchange == null && input.held() == null) {
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

  @Override
  public boolean late() {
    WireExchange running = exchange;
    if (running == null ? bodyLeft > 0 || closing : !reading || !running.awaitsRequest()) {
      return false;
    }
    keepAlive = false;
    if (running != null) {
      running.late();
    } else {
      HttpResponseStatus status = HttpResponseStatus.REQUEST_TIMEOUT;
      answered(OwnAnswer.bytes(status, OwnAnswer.page(status), false, false));
    }
    return true;
  }

  @Override
  public boolean awaitsTarget() {
    return exchange != null && exchange.awaitsAnswer();
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
}
