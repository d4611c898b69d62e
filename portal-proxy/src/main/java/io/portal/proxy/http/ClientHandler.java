package io.portal.proxy.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.FullHttpResponse;
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
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection (HTTP/1.1) or stream (HTTP/2): requests one after the other, each as an
 * {@link Exchange}. Its event loop only.
 */
final class ClientHandler extends ChannelInboundHandlerAdapter implements ConnectionTimeouts.User {

  private final Shared shared;
  private final Edge edge;
  private final boolean stream;
  private final Deque<Object> pipelined = new ArrayDeque<>();
  private @Nullable ClientSide side;
  private @Nullable Exchange exchange;
  private ServingTable table;
  private HttpMethod method = HttpMethod.GET;
  private boolean keepAlive = true;

  /** Whether the request is one of HTTP/1.0, which knows neither chunks nor 1xx nor upgrades. */
  private boolean old;

  /** Whether the end of the response is that of the connection. */
  private boolean endless;

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
    ClientSide mine = new ClientSide(ctx, shared, edge, stream);
    side = mine;
    mine.timed(this);
  }

  /** The client's channel. */
  ClientSide side() {
    ClientSide mine = side;
    if (mine == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return mine;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (closing) {
      ReferenceCountUtil.release(message);
    } else if (!pipelined.isEmpty() || (answering && message instanceof HttpRequest)) {
      pipelined.add(message);
      side().reading(false);
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
      HttpContent content = Forwarding.body(whole, shared.options().underscores());
      if (((HttpObject) whole).decoderResult().isFailure()) {
        content.release();
        refuse(ServerCodec.status(((HttpObject) whole).decoderResult()));
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
    side().answering(method);
    keepAlive = HttpUtil.isKeepAlive(request) && !shared.draining();
    endless = false;
    old = HttpVersion.HTTP_1_0.equals(request.protocolVersion());
    if (old) {
      age(request.headers());
    }
    RequestGuard guard = RequestGuard.of(request, shared.options());
    HttpResponseStatus fault = fault(request, guard);
    if (guard == null || fault != null) {
      refuse(fault == null ? HttpResponseStatus.BAD_REQUEST : fault);
      return;
    }
    ServedRoute route = table.tree().match(guard.host(), guard.path());
    boolean whole = request instanceof LastHttpContent;
    if (route == null) {
      respond(HttpResponseStatus.BAD_GATEWAY, table.noRoutes(), OwnAnswer.TEXT, whole);
    } else if (route.page().length > 0) {
      respond(HttpResponseStatus.OK, route.page(), route.pageType(), whole);
    } else {
      exchange = new Exchange(this, route, request, guard);
      exchange.start();
    }
  }

  /** What a request that is well formed is answered with by us; null for nothing. */
  private @Nullable HttpResponseStatus fault(HttpRequest request, @Nullable RequestGuard guard) {
    if (request.decoderResult().isFailure()) {
      return ServerCodec.status(request.decoderResult());
    }
    if (method.equals(HttpMethod.CONNECT)) {
      return HttpResponseStatus.NOT_IMPLEMENTED;
    }
    return guard != null && guard.raw().length() > shared.limits().uri()
        ? OwnAnswer.URI_TOO_LONG
        : null;
  }

  /** What HTTP/1.0 has in other ways: Host may be missing, 100-continue means nothing. */
  private void age(HttpHeaders headers) {
    if (!headers.contains(HttpHeaderNames.HOST)) {
      headers.set(HttpHeaderNames.HOST, side().address());
    }
    // RFC 9110 10.1.1
    headers.remove(HttpHeaderNames.EXPECT);
  }

  /** Whether the client knows 1xx (RFC 9110 15.2) and upgrades (7.8). */
  boolean knowsInterim() {
    return !old;
  }

  private void refuse(HttpResponseStatus status) {
    shared.counters().refused.increment();
    Exchange running = exchange;
    exchange = null;
    if (running != null) {
      running.clientGone();
    }
    keepAlive = false;
    respond(status, OwnAnswer.page(status), OwnAnswer.TEXT, false);
  }

  /**
   * Answers by ourselves.
   *
   * @param requestDone whether the request was read to its end
   */
  void respond(HttpResponseStatus status, byte[] body, String type, boolean requestDone) {
    FullHttpResponse answer = OwnAnswer.message(status, body, type, method.equals(HttpMethod.HEAD));
    connection(answer.headers());
    side().write(answer);
    answered(requestDone);
    side().flush();
  }

  /** Prepares an answer's head for this client. */
  void head(HttpResponse response, HttpHeaders headers) {
    boolean ended =
        HttpUtil.isContentLengthSet(response)
            || method.equals(HttpMethod.HEAD)
            || response.status().code() == 204
            || response.status().code() == 304;
    if (old) {
      // RFC 9112 6.1: what has no length ends with the connection.
      headers.remove(HttpHeaderNames.TRANSFER_ENCODING).remove(HttpHeaderNames.TRAILER);
      keepAlive &= ended;
      endless = !ended;
    } else if (!stream && !ended && !HttpUtil.isTransferEncodingChunked(response)) {
      // Its end is the end of the target's connection: ours is said with chunks.
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    connection(headers);
  }

  private void connection(HttpHeaders headers) {
    if (!stream && !keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (old) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
  }

  /** The answer is written; what comes next may be read. */
  void answered(boolean requestDone) {
    shared.counters().answered(System.nanoTime() - started);
    exchange = null;
    // The upstream is given back by now: its read-complete no longer flushes for us.
    side().flush();
    if (stream) {
      if (!requestDone) {
        side().unwanted();
      }
      return;
    }
    if (!keepAlive) {
      closing = true;
      side().closeBehind(requestDone);
      return;
    }
    if (requestDone) {
      next();
    } else {
      swallowing = true;
      side().reading(true);
    }
  }

  private void next() {
    answering = false;
    if (pipelined.isEmpty()) {
      if (shared.draining()) {
        side().close();
      } else {
        side().idle();
        side().reading(true);
      }
      return;
    }
    side().loop().execute(this::takePipelined);
  }

  private void takePipelined() {
    while (!pipelined.isEmpty()
        && !(answering && pipelined.peek() instanceof HttpRequest)
        && !closing) {
      take(pipelined.remove());
    }
    if (pipelined.isEmpty()) {
      side().reading(true);
    }
    if (exchange != null) {
      exchange.flushTarget();
    }
  }

  @Override
  public void tick(long nanoTime) {
    // The exchange has a timer of its own.
  }

  @Override
  public boolean late() {
    Exchange running = exchange;
    if (running == null ? answering || closing : !side().reading() || !running.awaitsRequest()) {
      return false;
    }
    if (running == null) {
      started = System.nanoTime();
      method = HttpMethod.GET;
      side().answering(method);
    }
    refuse(HttpResponseStatus.REQUEST_TIMEOUT);
    return true;
  }

  @Override
  public boolean awaitsTarget() {
    return exchange != null && exchange.awaitsAnswer();
  }

  /** Upgrades: from now on bytes pass both ways. */
  void tunnel(HttpResponse head, Upstream upstream) {
    exchange = null;
    side().tunnel(head, upstream);
  }

  /** Nothing more can be said: the client must see that its answer is not whole. */
  void abort() {
    closing = true;
    if (endless) {
      // Its end must not look like that of the response.
      side().reset();
    } else {
      side().close();
    }
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
      exchange.clientWritable(side().writable());
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
    side().failed(cause);
  }

  ServingTable table() {
    return table;
  }

  void countUpstreamError() {
    shared.counters().upstreamErrors.increment();
  }
}
