package io.portal.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * A connection (HTTP/1.1) or stream (HTTP/2) towards a target, used by one exchange at a time. Its
 * event loop only.
 */
final class Upstream extends ChannelInboundHandlerAdapter {

  private final Upstreams pool;
  private final Target.Place place;
  private final Channel channel;
  private final boolean stream;
  private @Nullable Exchange exchange;
  private boolean reused;

  Upstream(Upstreams pool, Target.Place place, Channel channel, boolean stream) {
    this.pool = pool;
    this.place = place;
    this.channel = channel;
    this.stream = stream;
  }

  Channel channel() {
    return channel;
  }

  Target.Place place() {
    return place;
  }

  /** Whether it carried a request before, so that the target may just have closed it. */
  boolean reused() {
    return reused;
  }

  void attach(Exchange user) {
    exchange = user;
  }

  /** Gives it back after a whole answer to a whole request. */
  void release(boolean reusable) {
    exchange = null;
    if (reusable && !stream && channel.isActive()) {
      reused = true;
      channel.config().setAutoRead(true);
      pool.put(this);
    } else {
      channel.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    Exchange user = exchange;
    if (user == null) {
      // An answer that nobody asked for: the next request must not get it.
      ReferenceCountUtil.release(message);
      pool.remove(this);
      ctx.close();
    } else {
      user.fromTarget(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    Exchange user = exchange;
    if (user != null) {
      user.flushClient();
    }
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
    pool.remove(this);
    if (user != null) {
      user.targetGone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
