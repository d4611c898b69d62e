package io.portal.proxy.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Closes a client's connection that stands still, or whose request's head does not come to its end.
 * First in the pipeline, so that all that is read and flushed counts, by whatever handler. Its
 * event loop only.
 */
final class Watch extends ChannelDuplexHandler implements Ticker.Timed {

  private final Ticker ticker;
  private final long headNanos;
  private final long idleNanos;
  private @Nullable ChannelHandlerContext context;
  private Ticker.@Nullable Timed user;
  private boolean moved = true;
  private long movedAt;
  private boolean inHead = true;
  private long headSince = System.nanoTime();
  private long pending;

  Watch(Ticker ticker, Limits limits) {
    this.ticker = ticker;
    headNanos = limits.headerRead().toNanos();
    idleNanos = limits.idle().toNanos();
  }

  /** Who else is told of the time. */
  void user(Ticker.@Nullable Timed timed) {
    user = timed;
  }

  /** A part of a head is there: the rest must come in time. */
  void headBegins() {
    if (!inHead) {
      inHead = true;
      headSince = System.nanoTime();
    }
  }

  /** The head is whole. */
  void headEnds() {
    inHead = false;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    ticker.add(this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    ticker.remove(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    moved = true;
    ctx.fireChannelRead(message);
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    moved = true;
    ctx.flush();
  }

  @Override
  public void tick(long nanoTime) {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      return;
    }
    ChannelOutboundBuffer out = ctx.channel().unsafe().outboundBuffer();
    long waiting = out == null ? 0 : out.totalPendingWriteBytes();
    if (moved || waiting != pending) {
      moved = false;
      movedAt = nanoTime;
      pending = waiting;
    }
    if (inHead && nanoTime - headSince >= headNanos || nanoTime - movedAt >= idleNanos) {
      ctx.close();
    } else if (user != null) {
      user.tick(nanoTime);
    }
  }
}
