package io.portal.proxy.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection (HTTP/1.1) or stream (HTTP/2): requests one after the other, each as an
 * {@link Exchange}. Its event loop only.
 */
final class ClientHandler extends ChannelInboundHandlerAdapter {

  private final Shared shared;
  private final Edge edge;
  private final boolean stream;
  private final Deque<Object> pipelined = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private @Nullable Exchange exchange;
  private @Nullable ChannelFuture written;
  private ServingTable table;
  private HttpMethod method = HttpMethod.GET;
  private boolean keepAlive = true;
  private boolean answering;
  private boolean swallowing;
  private boolean closing;
  private long started;

  ClientHandler(Shared shared, Edge edge, boolean stream) {
    this.shared = shared;
    this.edge = edge;
    this.stream = stream;
    table = shared.table();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (closing) {
      ReferenceCountUtil.release(message);
    } else if (!pipelined.isEmpty() || (answering && message instanceof HttpRequest)) {
      pipelined.add(message);
      reading(false);
    } else {
      take(message);
    }
  }

  private void take(Object message) {
    if (message instanceof HttpRequest request) {
      begin(request);
      if (request.decoderResult().isFailure()) {
        ReferenceCountUtil.release(message);
        return;
      }
    }
    if (message instanceof HttpContent whole) {
      HttpContent content = Forwarding.body(whole);
      if (((HttpObject) whole).decoderResult().isFailure()) {
        content.release();
        refuse();
      } else if (exchange != null) {
        exchange.fromClient(content);
      } else {
        content.release();
      }
      if (content instanceof LastHttpContent && swallowing) {
        swallowing = false;
        next();
      }
    }
  }

  private void begin(HttpRequest request) {
    answering = true;
    started = System.nanoTime();
    table = shared.table();
    method = request.method();
    ServerCodec codec = stream ? null : context().pipeline().get(ServerCodec.class);
    if (codec != null) {
      codec.answering(method);
    }
    keepAlive = HttpUtil.isKeepAlive(request) && !shared.draining();
    RequestGuard guard = RequestGuard.of(request);
    if (guard == null
        || method.equals(HttpMethod.CONNECT)
        || guard.raw().length() > shared.limits().uri()) {
      refuse();
      return;
    }
    ServedRoute route = table.tree().match(guard.host(), guard.path());
    boolean whole = request instanceof LastHttpContent;
    if (route == null) {
      respond(HttpResponseStatus.BAD_GATEWAY, table.noRoutes(), "text/plain; charset=utf-8", whole);
    } else if (route.page().length > 0) {
      respond(HttpResponseStatus.OK, route.page(), route.pageType(), whole);
    } else {
      exchange = new Exchange(this, route, request, guard);
      exchange.start();
    }
  }

  private void refuse() {
    shared.counters().refused.increment();
    Exchange running = exchange;
    exchange = null;
    if (running != null) {
      running.clientGone();
    }
    keepAlive = false;
    respond(
        HttpResponseStatus.BAD_REQUEST,
        "Bad Request\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
        "text/plain; charset=utf-8",
        false);
  }

  /**
   * Answers by ourselves.
   *
   * @param requestDone whether the request was read to its end
   */
  void respond(HttpResponseStatus status, byte[] body, String type, boolean requestDone) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CONTENT_TYPE, type);
    headers.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    connection(headers);
    boolean bare = method.equals(HttpMethod.HEAD);
    write(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            bare ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body),
            headers,
            EmptyHttpHeaders.INSTANCE));
    answered(requestDone);
    flush();
  }

  /** Prepares an answer's head for this client. */
  void head(HttpResponse response, HttpHeaders headers) {
    if (!stream
        && !HttpUtil.isContentLengthSet(response)
        && !HttpUtil.isTransferEncodingChunked(response)
        && !method.equals(HttpMethod.HEAD)
        && response.status().code() != 204
        && response.status().code() != 304) {
      // Its end is the end of the target's connection: ours is said with chunks.
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    connection(headers);
  }

  private void connection(HttpHeaders headers) {
    if (!stream && !keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  /** The answer is written; what comes next may be read. */
  void answered(boolean requestDone) {
    shared.counters().answered(System.nanoTime() - started);
    exchange = null;
    // The upstream is given back by now: its read-complete no longer flushes for us.
    flush();
    if (stream) {
      ChannelFuture end = written;
      if (!requestDone && end != null) {
        // RFC 9113 8.1: what is left of the request is not wanted. Not before the answer has gone:
        // a reset takes away what waits for the client's window.
        end.addListener(
            done -> context().writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR)));
      }
      return;
    }
    if (!keepAlive) {
      closing = true;
      if (requestDone) {
        context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      } else {
        LingeringClose.start(context(), context().pipeline().get(Watch.class));
      }
      return;
    }
    if (requestDone) {
      next();
    } else {
      swallowing = true;
      reading(true);
    }
  }

  private void next() {
    answering = false;
    if (pipelined.isEmpty()) {
      if (shared.draining()) {
        context().close();
      } else {
        reading(true);
      }
      return;
    }
    context().executor().execute(this::takePipelined);
  }

  private void takePipelined() {
    while (!pipelined.isEmpty()
        && !(answering && pipelined.peek() instanceof HttpRequest)
        && !closing) {
      take(pipelined.remove());
    }
    if (pipelined.isEmpty()) {
      reading(true);
    }
    if (exchange != null) {
      exchange.flushTarget();
    }
  }

  /** Upgrades: from now on bytes pass both ways. */
  void tunnel(HttpResponse head, Upstream upstream) {
    ChannelHandlerContext ctx = context();
    Channel client = ctx.channel();
    Channel target = upstream.channel();
    exchange = null;
    ctx.writeAndFlush(head);
    ctx.pipeline().addLast(new Tunnel(target));
    ctx.pipeline().remove(this);
    client.pipeline().remove(ServerCodec.class);
    target.pipeline().replace(upstream, "tunnel", new Tunnel(client));
    target.pipeline().remove(HttpClientCodec.class);
    client.config().setAutoRead(true);
    target.config().setAutoRead(true);
  }

  /** Nothing more can be said: the client must see that its answer is not whole. */
  void abort() {
    closing = true;
    context().close();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (exchange != null) {
      exchange.flushTarget();
    }
    ctx.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (exchange != null) {
      exchange.clientWritable(writable());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closing = true;
    pipelined.forEach(ReferenceCountUtil::release);
    pipelined.clear();
    Exchange running = exchange;
    exchange = null;
    if (running != null) {
      running.clientGone();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == Shared.DRAIN) {
      keepAlive = false;
      if (!answering) {
        ctx.close();
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (stream) {
      ctx.writeAndFlush(new DefaultHttp2ResetFrame(error(cause)));
    }
    ctx.close();
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

  void write(Object message) {
    written = context().write(message);
  }

  void flush() {
    context().flush();
  }

  boolean writable() {
    Channel channel = context().channel();
    // A stream learns only with its next write that its connection takes more.
    return channel.isWritable()
        || stream && channel.bytesBeforeWritable() == 0 && channel.parent().isWritable();
  }

  void reading(boolean on) {
    Channel channel = context().channel();
    channel.config().setAutoRead(on);
    if (on && stream) {
      // What was read is credited by a WINDOW_UPDATE that nobody may have flushed.
      channel.flush();
    }
  }

  boolean stream() {
    return stream;
  }

  ServingTable table() {
    return table;
  }

  Limits limits() {
    return shared.limits();
  }

  EventLoop loop() {
    return context().channel().eventLoop();
  }

  Upstreams upstreams() {
    return shared.local(loop()).upstreams();
  }

  void countUpstreamError() {
    shared.counters().upstreamErrors.increment();
  }

  /** Tells the target about this client. */
  void describe(HttpHeaders headers, String authority) {
    Channel channel = context().channel();
    Channel connection = stream ? channel.parent() : channel;
    Forwarding.describe(
        headers,
        authority,
        (InetSocketAddress) connection.remoteAddress(),
        ((InetSocketAddress) connection.localAddress()).getPort(),
        edge);
  }
}
