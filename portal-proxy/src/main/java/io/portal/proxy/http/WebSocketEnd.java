package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/**
 * Tells the client of a tunnelled WebSocket that the proxy stops: a close frame with 1001, going
 * away (RFC 6455 7.4.1), behind the frame that its target is sending, and nothing after it. The
 * client's own close frame, which it answers with, passes to the target as ever, so that both see
 * the connection end in order. Before the tunnel in the client's pipeline; its event loop only.
 */
final class WebSocketEnd extends ChannelDuplexHandler {

  /** FIN and opcode 8, two bytes without a mask: 1001. */
  private static final byte[] GOING_AWAY = {(byte) 0x88, 2, 0x03, (byte) 0xe9};

  private final WebSocketFrames frames = new WebSocketFrames();
  private boolean draining;
  private boolean said;

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (!(message instanceof ByteBuf part)) {
      ctx.write(message, promise);
    } else if (said) {
      part.release();
      promise.setSuccess();
    } else if (draining && part.isReadable()) {
      part.writerIndex(part.readerIndex() + frames.scan(part, true));
      ctx.write(part, promise);
      sayIfBetween(ctx);
    } else {
      frames.scan(part, false);
      ctx.write(part, promise);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == Shared.DRAIN) {
      draining = true;
      sayIfBetween(ctx);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void sayIfBetween(ChannelHandlerContext ctx) {
    if (!said && frames.between()) {
      said = true;
      if (frames.closed()) {
        // The target said so already.
        ctx.flush();
      } else {
        ctx.writeAndFlush(Unpooled.wrappedBuffer(GOING_AWAY));
      }
    }
  }
}
