package io.portal.proxy.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/**
 * The end of a connection whose client may still be sending (RFC 9112 9.6). Closing at once would
 * reset it, and what was answered last could be lost with that: so only our direction is closed,
 * and the rest is for the client's end, or the time a head may take. Whoever calls drops what is
 * read from then on. Stateless; the event loop only.
 */
final class LingeringClose {

  private LingeringClose() {}

  /** Closes behind all that is written. */
  static void start(ChannelHandlerContext ctx, ConnectionTimeouts timeouts) {
    Channel channel = ctx.channel();
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    timeouts.endAwaited();
    channel.config().setAutoRead(true);
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            (ChannelFutureListener)
                written -> {
                  if (!written.isSuccess()) {
                    channel.close();
                  } else if (tls == null) {
                    shut(channel);
                  } else {
                    tls.closeOutbound().addListener(said -> shut(channel));
                  }
                });
  }

  private static void shut(Channel channel) {
    ((DuplexChannel) channel)
        .shutdownOutput()
        .addListener(
            shut -> {
              if (!shut.isSuccess()) {
                channel.close();
              }
            });
  }
}
