package io.portal.proxy.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.portal.proxy.internal.Transports;
import io.portal.proxy.tls.SelfSigned;
import java.io.Closeable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A server of HTTP/1.1 or HTTP/2, with or without TLS; what it does is in a request's path. */
final class NettyTarget implements Closeable {

  /** How it is spoken to. */
  enum Kind {
    HTTP("http", "HTTP/1.1"),
    HTTPS("https", "HTTP/1.1"),
    HTTPS_2("https", "HTTP/2"),
    H2C("h2c", "HTTP/2");

    private final String scheme;
    private final String version;

    Kind(String scheme, String version) {
      this.scheme = scheme;
      this.version = version;
    }

    boolean tls() {
      return scheme.equals("https");
    }

    boolean second() {
      return version.equals("HTTP/2");
    }
  }

  /** The length of {@code /large}. */
  static final long LARGE = 64L << 20;

  /** The length of {@code /some}: more than any window, little enough for a JDK client's TLS. */
  static final long SOME = 8L << 20;

  private static final ByteBuf PART =
      Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(new byte[16 * 1024])).asReadOnly();

  private final EventLoopGroup loops = Transports.loops("target", 1);
  private final List<Channel> connections = new CopyOnWriteArrayList<>();
  private final List<Channel> held = new CopyOnWriteArrayList<>();
  private final Set<String> done = ConcurrentHashMap.newKeySet();
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final List<Runnable> together = new CopyOnWriteArrayList<>();
  private final Kind kind;
  private final int streams;
  private final Channel listener;

  NettyTarget(Kind kind, SelfSigned certificate, int streams) throws Exception {
    this.kind = kind;
    this.streams = streams;
    SslContext tls =
        kind.tls()
            ? SslContextBuilder.forServer(certificate.key(), certificate.certificate())
                .applicationProtocolConfig(
                    new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        kind.second() ? List.of("h2", "http/1.1") : List.of("http/1.1")))
                .build()
            : null;
    listener =
        new ServerBootstrap()
            .group(loops)
            .channel(Transports.server())
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    connections.add(channel);
                    if (tls == null) {
                      speak(channel.pipeline(), kind.second());
                    } else {
                      channel.pipeline().addLast(tls.newHandler(channel.alloc()), new Chosen());
                    }
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
  }

  private void speak(ChannelPipeline pipeline, boolean second) {
    if (!second) {
      pipeline.addLast(new HttpServerCodec(), new Answers());
      return;
    }
    pipeline.addLast(
        Http2FrameCodecBuilder.forServer()
            .initialSettings(Http2Settings.defaultSettings().maxConcurrentStreams(streams))
            .build(),
        new Http2MultiplexHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel stream) {
                stream
                    .pipeline()
                    .addLast(new Http2StreamFrameToHttpObjectCodec(true), new Answers());
              }
            }));
  }

  /** By its name, which is in its certificate. */
  URI uri() {
    int port = ((InetSocketAddress) listener.localAddress()).getPort();
    return URI.create(kind.scheme + "://localhost:" + port);
  }

  /** How many connections there ever were. */
  int connections() {
    return connections.size();
  }

  /** How many connections are open. */
  long open() {
    return connections.stream().filter(Channel::isActive).count();
  }

  /** Bytes of bodies that came in. */
  long received() {
    return received.get();
  }

  /** Bytes of {@code /large} that were written so far. */
  long sent() {
    return sent.get();
  }

  /** Whether a {@code /hold} was asked. */
  boolean holding() {
    return !held.isEmpty();
  }

  /** How many {@code /together} wait for others. */
  int waiting() {
    return together.size();
  }

  /** Reads on what {@code /hold} left unread. */
  void letGo() {
    held.forEach(channel -> channel.config().setAutoRead(true));
  }

  /** Says on all connections that no new stream is welcome. */
  void goAway() {
    connections.forEach(
        channel -> channel.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR)));
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** After a handshake. */
  private final class Chosen extends ApplicationProtocolNegotiationHandler {

    Chosen() {
      super("http/1.1");
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
      speak(ctx.pipeline(), protocol.equals("h2"));
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** Requests of one connection or stream. */
  private final class Answers extends SimpleChannelInboundHandler<HttpObject> {

    private HttpRequest request;
    private long bytes;
    private long left;

    private String version(ChannelHandlerContext ctx) {
      return ctx.channel().parent().parent() == null ? "HTTP/1.1" : "HTTP/2";
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
      if (message instanceof HttpRequest begun) {
        request = begun;
        bytes = 0;
        if (begun.uri().equals("/hold")) {
          ctx.channel().config().setAutoRead(false);
          held.add(ctx.channel());
        } else if (begun.uri().equals("/early")) {
          say(ctx, LastHttpContent.EMPTY_LAST_CONTENT);
        }
      }
      if (message instanceof HttpContent content) {
        bytes += content.content().readableBytes();
        received.addAndGet(content.content().readableBytes());
      }
      if (message instanceof LastHttpContent last) {
        String path = request.uri();
        if (path.startsWith("/die/") && done.add(path)) {
          (kind.second() ? ctx.channel().parent() : ctx.channel()).close();
        } else if (path.startsWith("/refuse/") && done.add(path)) {
          ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.REFUSED_STREAM));
        } else if (path.equals("/early") || path.equals("/silent")) {
          // It was answered, or will never be.
          bytes = 0;
        } else if (path.startsWith("/together/")) {
          together(ctx, last, Integer.parseInt(path.substring(10)));
        } else if ("echo".equals(request.headers().get(HttpHeaderNames.UPGRADE))) {
          tunnel(ctx);
        } else if (path.endsWith("/large") || path.endsWith("/some")) {
          head(ctx);
          left = path.endsWith("/large") ? LARGE : SOME;
          pour(ctx);
        } else {
          say(ctx, last);
        }
      }
    }

    /** Answers as soon as so many wait for their answer. */
    private void together(ChannelHandlerContext ctx, LastHttpContent last, int count) {
      last.retain();
      together.add(
          () -> {
            say(ctx, last);
            last.release();
          });
      if (together.size() == count) {
        together.forEach(Runnable::run);
        together.clear();
      }
    }

    /** Sends back what comes from now on. */
    private void tunnel(ChannelHandlerContext ctx) {
      DefaultFullHttpResponse switched =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
      switched
          .headers()
          .set(HttpHeaderNames.CONNECTION, "Upgrade")
          .set(HttpHeaderNames.UPGRADE, "echo");
      ctx.writeAndFlush(switched);
      ctx.pipeline()
          .replace(
              this,
              "echo",
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext echo, Object message) {
                  echo.writeAndFlush(message);
                }
              });
      ctx.pipeline().remove(HttpServerCodec.class);
    }

    private void head(ChannelHandlerContext ctx) {
      DefaultHttpResponse head =
          new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      HttpUtil.setTransferEncodingChunked(head, true);
      ctx.write(head);
    }

    /** Says what it was asked, with a trailer. */
    private void say(ChannelHandlerContext ctx, LastHttpContent last) {
      head(ctx);
      String said =
          "%s %s %s bytes=%d trailer=%s upgrade=%s"
              .formatted(
                  request.method(),
                  request.uri(),
                  version(ctx),
                  bytes,
                  last.trailingHeaders().get("x-asked"),
                  request.headers().get(HttpHeaderNames.UPGRADE));
      DefaultLastHttpContent end =
          new DefaultLastHttpContent(Unpooled.copiedBuffer(said, StandardCharsets.US_ASCII));
      end.trailingHeaders().set("x-said", "end");
      ctx.writeAndFlush(end);
    }

    private void pour(ChannelHandlerContext ctx) {
      while (left > 0 && ctx.channel().isWritable()) {
        ctx.writeAndFlush(new DefaultHttpContent(PART.duplicate()));
        left -= PART.readableBytes();
        sent.addAndGet(PART.readableBytes());
        if (left == 0) {
          ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        }
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      pour(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
