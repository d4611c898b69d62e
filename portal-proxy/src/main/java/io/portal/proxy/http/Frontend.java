package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.portal.proxy.tls.CertificateHandler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sets up a client's connection: TLS with SNI, then HTTP/1.1 or HTTP/2 as the client asks. */
final class Frontend extends ChannelInitializer<Channel> {

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
    ConnectionTimeouts timeouts =
        new ConnectionTimeouts(shared.local(channel.eventLoop()).timer(), limits);
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addLast(timeouts);
    if (edge.tls()) {
      if (channel instanceof EpollSocketChannel) {
        pipeline.addLast(new QuickAcks());
      }
      pipeline.addLast(new CertificateHandler(shared::certificates, limits.headerRead()));
      pipeline.addLast(new Negotiated(timeouts));
    } else {
      pipeline.addLast(new Preface(timeouts));
    }
  }

  /** HTTP/1.1: as bytes while its requests are plain, with codecs from the first other one. */
  private void first(ChannelPipeline pipeline, ConnectionTimeouts timeouts) {
    if (!shared.wire()) {
      codecs(pipeline, timeouts);
      return;
    }
    Channel channel = pipeline.channel();
    pipeline.addLast(
        new WireClient(
            shared,
            edge,
            timeouts,
            shared.local(channel.eventLoop()).pool(),
            () -> codecs(pipeline, timeouts)));
  }

  private void codecs(ChannelPipeline pipeline, ConnectionTimeouts timeouts) {
    pipeline.addLast(
        new ServerCodec(shared.limits(), timeouts), new ClientHandler(shared, edge, false));
  }

  private void second(ChannelPipeline pipeline, ConnectionTimeouts timeouts) {
    Http2Deadlines.Frames frames = new Http2Deadlines.Frames();
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(shared.limits().streams())
                    .maxHeaderListSize(HEADER_LIST_LIMIT))
            .decoderEnforceMaxRstFramesPerWindow(200, 30)
            .encoderEnforceMaxRstFramesPerWindow(200, 30)
            .decoderEnforceMaxConsecutiveEmptyDataFrames(2)
            .validateHeaders(true)
            .frameLogger(frames)
            .build();
    Http2Deadlines deadlines = new Http2Deadlines(codec, frames, timeouts, shared.limits());
    pipeline.addLast(
        codec,
        new Http2Windows(codec, shared.windows()),
        deadlines,
        new Http2Shutdown(shared, codec));
    Http2Client client = null;
    if (shared.wire()) {
      WirePool pool = shared.local(pipeline.channel().eventLoop()).pool();
      client = new Http2Client(shared, edge, pool, codec);
      deadlines.requests(client);
      pipeline.addLast(client);
    }
    pipeline.addLast(new Http2MultiplexHandler(streams(client)), new Failed());
    pipeline.channel().writeAndFlush(Http2Windows.connection());
  }

  /** Sets up streams whose requests are not plain. */
  private ChannelInitializer<Channel> streams(@Nullable Http2Client client) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel stream) {
        if (client != null) {
          client.add(stream);
        }
        stream
            .pipeline()
            .addLast(
                new Http2Guard(),
                new Http2StreamFrameToHttpObjectCodec(true),
                new ClientHandler(shared, edge, true));
      }
    };
  }

  /** What no handler of HTTP/2 cares for, such as a reset by the client, ends the connection. */
  private static final class Failed extends ChannelInboundHandlerAdapter {

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // The codec is about to say GOAWAY, and why.
      if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
        ctx.close();
      }
    }
  }

  /** After a handshake: what ALPN says, HTTP/1.1 if it says nothing. */
  private final class Negotiated extends ApplicationProtocolNegotiationHandler {

    private final ConnectionTimeouts timeouts;

    Negotiated(ConnectionTimeouts timeouts) {
      super(ApplicationProtocolNames.HTTP_1_1);
      this.timeouts = timeouts;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
      QuickAcks.end(ctx.channel());
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        second(ctx.pipeline(), timeouts);
      } else {
        first(ctx.pipeline(), timeouts);
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

    private final ConnectionTimeouts timeouts;

    Preface(ConnectionTimeouts timeouts) {
      this.timeouts = timeouts;
    }

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
        second(ctx.pipeline(), timeouts);
      } else {
        first(ctx.pipeline(), timeouts);
      }
      ctx.pipeline().remove(this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == Shared.DRAIN) {
        ctx.close();
      } else {
        ctx.fireUserEventTriggered(event);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
