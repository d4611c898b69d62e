package io.portal.proxy.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The channel of a client behind codecs, a connection (HTTP/1.1) or a stream (HTTP/2), with what
 * the two do in ways of their own. Its event loop only.
 */
final class ClientSide {

  private final ChannelHandlerContext context;
  private final Shared shared;
  private final Edge edge;
  private final boolean stream;
  private @Nullable ChannelFuture written;

  ClientSide(ChannelHandlerContext context, Shared shared, Edge edge, boolean stream) {
    this.context = context;
    this.shared = shared;
    this.edge = edge;
    this.stream = stream;
  }

  /** Whether it is a stream of HTTP/2. */
  boolean stream() {
    return stream;
  }

  FailureLog failures() {
    return shared.failures();
  }

  Limits limits() {
    return shared.limits();
  }

  ForwardingOptions options() {
    return shared.options();
  }

  EventLoop loop() {
    return context.channel().eventLoop();
  }

  Upstreams upstreams() {
    return shared.local(loop()).upstreams();
  }

  /** The answer that comes next is one to this method. */
  void answering(HttpMethod method) {
    ServerCodec codec = stream ? null : context.pipeline().get(ServerCodec.class);
    if (codec != null) {
      codec.answering(method);
    }
  }

  void write(Object message) {
    written = context.write(message);
  }

  void flush() {
    context.flush();
  }

  boolean writable() {
    Channel channel = context.channel();
    // A stream learns only with its next write that its connection takes more.
    return channel.isWritable()
        || stream && channel.bytesBeforeWritable() == 0 && channel.parent().isWritable();
  }

  /** Whether more of the request is asked for: it is not the target that is waited for. */
  boolean reading() {
    return context.channel().config().isAutoRead();
  }

  void reading(boolean on) {
    Channel channel = context.channel();
    channel.config().setAutoRead(on);
    if (on && stream) {
      // What was read is credited by a WINDOW_UPDATE that nobody may have flushed.
      channel.flush();
    }
  }

  /** Tells the target about this client. */
  void describe(HttpHeaders headers, String authority) {
    Channel channel = context.channel();
    Channel connection = stream ? channel.parent() : channel;
    Forwarding.describe(
        headers,
        authority,
        (InetSocketAddress) connection.remoteAddress(),
        ((InetSocketAddress) connection.localAddress()).getPort(),
        edge);
  }

  /** Ends a stream whose request goes on behind its answer (RFC 9113 8.1). */
  void unwanted() {
    ChannelFuture end = written;
    if (end != null) {
      // Not before the answer has gone: a reset takes away what waits for the client's window.
      end.addListener(
          done -> context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR)));
    }
  }

  /**
   * Closes a connection behind its last answer.
   *
   * @param requestDone whether the request was read to its end
   */
  void closeBehind(boolean requestDone) {
    if (requestDone) {
      context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else {
      LingeringClose.start(context, timeouts());
    }
  }

  /** Upgrades: from now on bytes pass both ways. */
  void tunnel(HttpResponse head, Upstream upstream) {
    Channel client = context.channel();
    Channel target = upstream.channel();
    context.writeAndFlush(head);
    if (HttpHeaderValues.WEBSOCKET.contentEqualsIgnoreCase(
        head.headers().get(HttpHeaderNames.UPGRADE, ""))) {
      client.pipeline().addLast(new WebSocketEnd());
    }
    client.pipeline().addLast(new Tunnel(target));
    timeouts().user(null);
    timeouts().tunnelBegins();
    client.pipeline().remove(context.handler());
    client.pipeline().remove(ServerCodec.class);
    target.pipeline().replace(upstream, "tunnel", new Tunnel(client));
    target.pipeline().remove(TargetCodec.class);
    client.config().setAutoRead(true);
    target.config().setAutoRead(true);
    if (shared.draining()) {
      client.pipeline().fireUserEventTriggered(Shared.DRAIN);
    }
  }

  /** Who is told of the time while a connection has requests. */
  void timed(ConnectionTimeouts.User user) {
    if (!stream) {
      timeouts().user(user);
    }
  }

  /** Nothing runs on a connection any more. */
  void idle() {
    if (!stream) {
      timeouts().idle();
    }
  }

  private ConnectionTimeouts timeouts() {
    return context.pipeline().get(ConnectionTimeouts.class);
  }

  /** Our own address and port, as a Host header has them. */
  String address() {
    return NetUtil.toSocketAddressString((InetSocketAddress) context.channel().localAddress());
  }

  /** Closes a connection so that nobody takes that for an end of what was sent. */
  void reset() {
    context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
    // Past TLS, whose close_notify would say that all was sent.
    context.pipeline().firstContext().close();
  }

  void close() {
    context.close();
  }

  /** Closes because something went wrong; a stream says what. */
  void failed(Throwable cause) {
    if (stream) {
      context.writeAndFlush(new DefaultHttp2ResetFrame(error(cause)));
    }
    context.close();
  }

  private static Http2Error error(Throwable cause) {
    Throwable wrong = cause instanceof DecoderException ? cause.getCause() : cause;
    if (wrong instanceof Http2Exception known) {
      return known.error();
    }
    return cause instanceof DecoderException
        ? Http2Error.PROTOCOL_ERROR
        : Http2Error.INTERNAL_ERROR;
  }
}
