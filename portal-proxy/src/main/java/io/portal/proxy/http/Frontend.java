package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Sets up a client's connection: TLS with SNI, then HTTP/1.1 or HTTP/2 as the client asks. */
final class Frontend extends ChannelInitializer<Channel> {

  private static final int CLIENT_HELLO_LIMIT = 16 * 1024;
  private static final int HEADER_LIST_LIMIT = 32 * 1024;

  private final Shared shared;
  private final Edge edge;
  private final ChannelGroup connections;

  Frontend(Shared shared, Edge edge, ChannelGroup connections) {
    this.shared = shared;
    this.edge = edge;
    this.connections = connections;
  }

  @Override
  protected void initChannel(Channel channel) {
    connections.add(channel);
    Limits limits = shared.limits();
    channel
        .eventLoop()
        .schedule(
            () -> channel.pipeline().fireUserEventTriggered(Shared.HEAD_LATE),
            limits.headerRead().toMillis(),
            TimeUnit.MILLISECONDS);
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addLast(new IdleStateHandler(0, 0, limits.idle().toMillis(), TimeUnit.MILLISECONDS));
    if (edge.tls()) {
      pipeline.addLast(
          new SniHandler(
              name -> shared.certificates().map(name),
              CLIENT_HELLO_LIMIT,
              limits.headerRead().toMillis()));
      pipeline.addLast(new Negotiated());
    } else {
      pipeline.addLast(new Preface());
    }
  }

  private void first(ChannelPipeline pipeline) {
    pipeline.addLast(new ServerCodec(shared.limits()), new ClientHandler(shared, edge, false));
  }

  private void second(ChannelPipeline pipeline) {
    pipeline.addLast(
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(shared.limits().streams())
                    .maxHeaderListSize(HEADER_LIST_LIMIT))
            .decoderEnforceMaxRstFramesPerWindow(200, 30)
            .decoderEnforceMaxConsecutiveEmptyDataFrames(2)
            .validateHeaders(true)
            .build(),
        new Http2MultiplexHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel stream) {
                stream
                    .pipeline()
                    .addLast(
                        new Http2StreamFrameToHttpObjectCodec(true),
                        new ClientHandler(shared, edge, true));
              }
            }));
  }

  /** After a handshake: what ALPN says, HTTP/1.1 if it says nothing. */
  private final class Negotiated extends ApplicationProtocolNegotiationHandler {

    Negotiated() {
      super(ApplicationProtocolNames.HTTP_1_1);
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        second(ctx.pipeline());
      } else {
        first(ctx.pipeline());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** Without TLS: HTTP/2 when its preface comes first (RFC 9113 3.4), else HTTP/1.1. */
  private final class Preface extends ByteToMessageDecoder {

    private static final byte[] START = {
      'P', 'R', 'I', ' ', '*', ' ', 'H', 'T', 'T', 'P', '/', '2'
    };

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
      int length = Math.min(in.readableBytes(), START.length);
      boolean same =
          ByteBufUtil.equals(
              in, in.readerIndex(), io.netty.buffer.Unpooled.wrappedBuffer(START), 0, length);
      if (same && length < START.length) {
        return;
      }
      if (same) {
        second(ctx.pipeline());
      } else {
        first(ctx.pipeline());
      }
      ctx.pipeline().remove(this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == Shared.HEAD_LATE || event == Shared.DRAIN) {
        ctx.close();
      } else {
        ctx.fireUserEventTriggered(event);
      }
    }
  }
}
