package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;

/**
 * One direction of an upgraded connection: bytes as they come, with back-pressure. Who has said all
 * may still listen, as TCP lets him, where neither side is TLS: there the end of one direction is
 * the end of both. The event loop of both sides only.
 */
final class Tunnel extends ChannelInboundHandlerAdapter {

  private final Channel other;

  Tunnel(Channel other) {
    this.other = other;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (!tls(ctx.channel()) && !tls(other)) {
      ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }
  }

  private static boolean tls(Channel channel) {
    return channel.pipeline().get(SslHandler.class) != null;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    // What is no bytes is the empty body that the codec saw behind the 101.
    if (!other.isActive() || !(message instanceof ByteBuf)) {
      ReferenceCountUtil.release(message);
      return;
    }
    other.write(message);
    if (!other.isWritable()) {
      ctx.channel().config().setAutoRead(false);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    other.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    // A channel that has read its end must not be told to read: epoll would close it.
    if (!(other instanceof DuplexChannel ended && ended.isInputShutdown())) {
      other.config().setAutoRead(ctx.channel().isWritable());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> saidAll(ctx.channel()));
    }
  }

  /** All that came from one side is with the other. */
  private void saidAll(Channel from) {
    ((DuplexChannel) other)
        .shutdownOutput()
        .addListener(
            shut -> {
              if (((DuplexChannel) from).isOutputShutdown()) {
                from.close();
                other.close();
              }
            });
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (other.isActive()) {
      other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> other.close());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
