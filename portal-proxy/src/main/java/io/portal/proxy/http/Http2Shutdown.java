package io.portal.proxy.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a client's HTTP/2 connection when the proxy stops, without a request lost (RFC 9113 6.8):
 * says GOAWAY, takes what is on its way for as long as a PING takes, says GOAWAY with the last
 * stream, and lets those that run come to their ends. Stands behind the codec; its event loop only.
 */
final class Http2Shutdown extends ChannelInboundHandlerAdapter {

  /** The round trip that is allowed a client which does not answer PINGs, or does not close. */
  private static final long LONGEST_TRIP_SECONDS = 1;

  private static final long PING = 0x706f7274616cL;

  private final Shared shared;
  private final Http2Connection connection;
  private @Nullable ChannelHandlerContext context;
  private boolean draining;
  private boolean lastSaid;
  private boolean ending;

  /** For the connection of a codec that was not used so far. */
  Http2Shutdown(Shared shared, Http2FrameCodec codec) {
    this.shared = shared;
    connection = codec.connection();
    connection.addListener(
        new Http2ConnectionAdapter() {
          @Override
          public void onStreamRemoved(Http2Stream stream) {
            if (lastSaid && connection.numActiveStreams() == 0) {
              end();
            }
          }
        });
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    if (shared.draining()) {
      // Its handshake ended after everybody was told.
      ctx.executor().execute(() -> drain(ctx));
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == Shared.DRAIN) {
      drain(ctx);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void drain(ChannelHandlerContext ctx) {
    if (draining || ctx.isRemoved()) {
      return;
    }
    draining = true;
    DefaultHttp2GoAwayFrame warning = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR);
    warning.setExtraStreamIds(Integer.MAX_VALUE);
    ctx.write(warning);
    ctx.writeAndFlush(new DefaultHttp2PingFrame(PING));
    ctx.executor().schedule(() -> sayLast(ctx), LONGEST_TRIP_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (draining && message instanceof Http2PingFrame ping && ping.ack()) {
      sayLast(ctx);
    }
    ctx.fireChannelRead(message);
  }

  private void sayLast(ChannelHandlerContext ctx) {
    if (lastSaid || !ctx.channel().isActive()) {
      return;
    }
    lastSaid = true;
    ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
    if (connection.numActiveStreams() == 0) {
      end();
    }
  }

  /** Closes behind all that is written; the client may close first, so that it has read it all. */
  private void end() {
    ChannelHandlerContext ctx = context;
    if (ending || ctx == null) {
      return;
    }
    ending = true;
    ctx.executor()
        .execute(
            () ->
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener(
                        written ->
                            ctx.executor()
                                .schedule(
                                    () -> ctx.close(), LONGEST_TRIP_SECONDS, TimeUnit.SECONDS)));
  }
}
