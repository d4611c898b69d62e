package io.portal.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/** A connection, or stream, towards a target. Its event loop only. */
abstract class TargetConnection extends ChannelInboundHandlerAdapter {

  private final Target.Place place;
  private @Nullable ChannelHandlerContext context;
  private long idleSince;

  TargetConnection(Target.Place place) {
    this.place = place;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return ctx;
  }

  Channel channel() {
    return context().channel();
  }

  Target.Place place() {
    return place;
  }

  void idleSince(long nanoTime) {
    idleSince = nanoTime;
  }

  long idleSince() {
    return idleSince;
  }
}
