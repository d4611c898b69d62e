package io.portal.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.epoll.EpollChannelOption;

/**
 * Has what a client sends in a TLS handshake acknowledged at once (tcp(7), TCP_QUICKACK). In TLS
 * 1.3 nothing of ours follows the client's last flight before its request is answered, so Linux
 * delays the acknowledgement by 40 ms, for which a client with Nagle's algorithm (RFC 9293 3.7.4)
 * holds back the rest of its flight and its request. Stands before TLS, on epoll channels only.
 */
final class QuickAcks extends ChannelOutboundHandlerAdapter {

  /** The handshake is over: acknowledges its end. */
  static void end(Channel channel) {
    if (channel.pipeline().get(QuickAcks.class) != null) {
      channel.pipeline().remove(QuickAcks.class);
      now(channel);
    }
  }

  /** Each flight of ours lets the kernel delay acknowledgements again. */
  @Override
  public void flush(ChannelHandlerContext ctx) {
    ctx.flush();
    now(ctx.channel());
  }

  private static void now(Channel channel) {
    if (channel.isActive()) {
      channel.config().setOption(EpollChannelOption.TCP_QUICKACK, true);
    }
  }
}
