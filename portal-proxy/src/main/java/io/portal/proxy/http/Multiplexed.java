package io.portal.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** An HTTP/2 connection to a target, and whether it takes more streams. Its event loop only. */
final class Multiplexed {

  /** At once, where the target allows as many. */
  private static final int STREAMS = 100;

  /** Well before the 2^30 numbers that a client's streams have are used up (RFC 9113 5.1.1). */
  private static final int STREAMS_EVER = 1 << 29;

  /** Bytes of a response's headers as RFC 9113 6.5.2 counts them, with 32 more for each. */
  private static final int HEADER_LIST = 64 * 1024;

  private final Channel parent;
  private final Http2FrameCodec codec;
  private int streams;
  private int ever;
  private long lastEnd = System.nanoTime();
  private boolean retired;

  private Multiplexed(Channel parent, Http2FrameCodec codec) {
    this.parent = parent;
    this.codec = codec;
  }

  /**
   * Begins HTTP/2 on a connection on which nothing was said so far. It is ready with the target's
   * SETTINGS, which say how many streams it takes; who is sent more may refuse them all.
   *
   * @param limit how long the target may take for that
   */
  static Future<Multiplexed> begin(Channel parent, Duration limit, WindowBudget windows) {
    Promise<Multiplexed> begun = parent.eventLoop().newPromise();
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forClient()
            .initialSettings(Http2Settings.defaultSettings().maxHeaderListSize(HEADER_LIST))
            .build();
    Multiplexed mine = new Multiplexed(parent, codec);
    parent
        .pipeline()
        .addLast(
            codec,
            new Http2Windows(codec, windows),
            new Http2MultiplexHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel pushed) {
                    pushed.close();
                  }
                }),
            new SimpleChannelInboundHandler<Http2SettingsFrame>() {
              @Override
              protected void channelRead0(ChannelHandlerContext ctx, Http2SettingsFrame settings) {
                begun.trySuccess(mine);
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                ctx.close();
              }
            });
    parent.writeAndFlush(Http2Windows.connection());
    java.util.concurrent.Future<?> patience =
        parent.eventLoop().schedule(() -> parent.close(), limit.toMillis(), TimeUnit.MILLISECONDS);
    begun.addListener(done -> patience.cancel(false));
    parent
        .closeFuture()
        .addListener(closed -> begun.tryFailure(new IOException("HTTP/2 was not answered")));
    return begun;
  }

  boolean active() {
    return parent.isActive();
  }

  boolean takesMore() {
    return !retired
        && parent.isActive()
        && !codec.connection().goAwayReceived()
        && ever < STREAMS_EVER
        && streams < Math.min(STREAMS, codec.connection().local().maxActiveStreams())
        && codec.connection().local().canOpenStream();
  }

  /** Whether it has had streams. */
  boolean used() {
    return ever > 0;
  }

  /** Opens a stream on which this handler reads and writes as on a connection of HTTP/1.1. */
  Future<Http2StreamChannel> open(ChannelHandler handler) {
    streams++;
    ever++;
    return new Http2StreamChannelBootstrap(parent)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(false), handler);
              }
            })
        .open()
        .addListener(
            (Future<Http2StreamChannel> opened) -> {
              if (opened.isSuccess()) {
                opened.getNow().closeFuture().addListener(closed -> ended());
              } else {
                ended();
              }
            });
  }

  /** Whether it has had no stream for so long. */
  boolean idle(long nanoTime, Duration limit) {
    return streams == 0 && nanoTime - lastEnd >= limit.toNanos();
  }

  private void ended() {
    streams--;
    lastEnd = System.nanoTime();
    closeIfDone();
  }

  /** Takes no more streams; closes when those that are open have ended. */
  void retire() {
    retired = true;
    closeIfDone();
  }

  private void closeIfDone() {
    if (streams == 0 && !takesMore()) {
      parent.close();
    }
  }
}
