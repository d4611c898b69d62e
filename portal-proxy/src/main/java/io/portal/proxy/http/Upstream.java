package io.portal.proxy.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * A connection (HTTP/1.1) or stream (HTTP/2) towards a target, used by one exchange at a time. Its
 * event loop only.
 */
final class Upstream extends TargetConnection {

  private final Upstreams pool;
  private final @Nullable Multiplexed connection;
  private final @Nullable TargetCodec codec;
  private @Nullable Exchange exchange;
  private boolean begun;
  private boolean reused;
  private boolean unprocessed;

  /**
   * A connection of HTTP/1.1.
   *
   * @param codec of its pipeline
   */
  Upstream(Upstreams pool, Target.Place place, TargetCodec codec) {
    super(place);
    this.pool = pool;
    this.codec = codec;
    connection = null;
  }

  /** A stream of a connection of HTTP/2. */
  Upstream(Upstreams pool, Target.Place place, Multiplexed connection) {
    super(place);
    this.pool = pool;
    this.connection = connection;
    codec = null;
    reused = connection.used();
  }

  /** Whether its connection had carried requests before, so that the target may just close it. */
  boolean reused() {
    return reused;
  }

  /** Whether the connection ended before any byte of the response. */
  boolean endedUnanswered() {
    return !begun
        && (codec == null || !codec.begun())
        && (connection == null || !connection.active());
  }

  /** Whether the target said that it did nothing with the request (RFC 9113 8.7). */
  boolean unprocessed() {
    return unprocessed;
  }

  /** Did not answer in time: the connection may be dead, so no more requests go there. */
  void distrust() {
    if (connection != null) {
      connection.retire();
    }
  }

  /** The next request on it is this exchange's, of this method. */
  void attach(Exchange user, HttpMethod method) {
    exchange = user;
    begun = false;
    if (codec != null) {
      codec.asked(method);
    }
  }

  void reading(boolean on) {
    channel().config().setAutoRead(on);
    if (on && connection != null) {
      // What was read is credited by a WINDOW_UPDATE that nobody may have flushed.
      channel().flush();
    }
  }

  /** Gives it back after a whole answer to a whole request. */
  void release(boolean reusable) {
    exchange = null;
    if (reusable && connection == null && channel().isActive()) {
      reused = true;
      channel().config().setAutoRead(true);
      finished();
    } else {
      channel().close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    Exchange user = exchange;
    if (user == null) {
      // An answer that nobody asked for: the next request must not get it.
      ReferenceCountUtil.release(message);
      pool.idle().remove(this);
      ctx.close();
    } else {
      begun = true;
      user.fromTarget(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    Exchange user = exchange;
    if (user != null) {
      user.flushClient();
    } else {
      readComplete(pool.idle(), this);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    unprocessed |=
        event instanceof Http2GoAwayFrame
            || event instanceof Http2ResetFrame reset
                && reset.errorCode() == Http2Error.REFUSED_STREAM.code();
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    Exchange user = exchange;
    if (user != null) {
      user.targetWritable(ctx.channel().isWritable());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Exchange user = exchange;
    exchange = null;
    pool.idle().remove(this);
    if (user != null) {
      user.targetGone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
