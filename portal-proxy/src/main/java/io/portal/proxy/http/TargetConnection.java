package io.portal.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** A connection, or stream, towards a target. Its event loop only. */
abstract class TargetConnection extends ChannelInboundHandlerAdapter {

  private final Target.Place place;
  private @Nullable ChannelHandlerContext context;
  private long idleSince;
  private boolean finished;

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

  /**
   * Its response is whole and it can carry another request, unless more bytes come with the same
   * read: no request asked for those, and the next one must not get them.
   */
  void finished() {
    finished = true;
  }

  /**
   * Keeps a {@link #finished} connection at the end of the read that finished it. One whose socket
   * may hold more, since the read filled its buffer, is closed.
   */
  <C extends TargetConnection> void readComplete(IdleConnections<C> idle, C self) {
    if (finished) {
      finished = false;
      RecvByteBufAllocator.Handle read = channel().unsafe().recvBufAllocHandle();
      if (read.lastBytesRead() < read.attemptedBytesRead()) {
        idle.put(self);
      } else {
        channel().close();
      }
    }
  }

  void idleSince(long nanoTime) {
    idleSince = nanoTime;
  }

  long idleSince() {
    return idleSince;
  }
}
