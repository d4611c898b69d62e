package io.portal.proxy.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import io.portal.proxy.route.TargetPath;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One request and its answer, between a client and a target. The client's event loop only. */
final class Exchange {

  /** Methods that may be asked twice (RFC 9110 9.2.2). */
  static final Set<String> RETRIED = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");

  /** How often a target may refuse a stream that it has no room for. */
  private static final int MOST_REFUSALS = 3;

  private final ClientHandler client;
  private final ClientSide side;
  private final ServedRoute route;
  private final HttpRequest request;
  private final RequestGuard guard;
  private final Set<Target> tried = new HashSet<>();
  private final Deque<HttpContent> waiting = new ArrayDeque<>();
  private final @Nullable String upgrade;

  /** Whether it has no body: its head is all, and on HTTP/2 says so. */
  private final boolean bare;

  private @Nullable Upstream upstream;
  private @Nullable ScheduledFuture<?> patience;
  private int refusals;
  private boolean bodySent;
  private boolean requestDone;
  private boolean answerStarted;
  private boolean targetCloses;
  private boolean over;

  Exchange(ClientHandler client, ServedRoute route, HttpRequest request, RequestGuard guard) {
    this.client = client;
    side = client.side();
    this.route = route;
    this.request = request;
    this.guard = guard;
    bare =
        !HttpUtil.isTransferEncodingChunked(request) && HttpUtil.getContentLength(request, 0L) == 0;
    upgrade = side.stream() ? null : Forwarding.upgrade(request);
  }

  /** Looks for a target; what it cannot find is answered with 502. */
  void start() {
    Target target = route.next(tried, System.nanoTime());
    if (target == null) {
      if (tried.isEmpty()) {
        fail(HttpResponseStatus.BAD_GATEWAY, client.table().noHealthy(), false);
      } else {
        fail(HttpResponseStatus.BAD_GATEWAY, OwnAnswer.BAD_GATEWAY, true);
      }
      return;
    }
    tried.add(target);
    Upstream idle = side.upstreams().idle().take(target.place());
    if (idle != null) {
      use(idle, target);
    } else {
      open(target);
    }
  }

  private void open(Target target) {
    side.upstreams()
        .open(target.place(), upgrade != null)
        .addListener(
            (Future<Upstream> opened) -> {
              if (opened.isSuccess()) {
                target.reached();
                if (over) {
                  opened.getNow().release(opened.getNow().channel().isActive());
                } else {
                  use(opened.getNow(), target);
                }
              } else {
                target.refused(System.nanoTime(), opened.cause());
                if (!over) {
                  start();
                }
              }
            });
  }

  private void use(Upstream chosen, Target target) {
    upstream = chosen;
    chosen.attach(this);
    HttpHeaders headers = Forwarding.endToEnd(request);
    headers.set(HttpHeaderNames.HOST, guard.authority());
    side.describe(headers, guard.authority());
    Forwarding.via(headers, request);
    if (upgrade != null) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
      headers.set(HttpHeaderNames.UPGRADE, upgrade);
    }
    String path =
        TargetPath.of(
            target.path(),
            target.query(),
            route.route().id().path(),
            route.route().fwdpath(),
            guard.raw(),
            guard.path());
    HttpVersion version = HttpVersion.HTTP_1_1;
    chosen
        .channel()
        .write(
            bare
                ? new DefaultFullHttpRequest(
                    version,
                    request.method(),
                    path,
                    Unpooled.EMPTY_BUFFER,
                    headers,
                    EmptyHttpHeaders.INSTANCE)
                : new DefaultHttpRequest(version, request.method(), path, headers));
    for (HttpContent content = waiting.poll(); content != null; content = waiting.poll()) {
      send(chosen, content);
    }
    chosen.channel().flush();
    side.reading(chosen.channel().isWritable());
  }

  /** Takes a part of the request's body. */
  void fromClient(HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    requestDone |= last;
    Upstream to = upstream;
    if (over) {
      ReferenceCountUtil.release(content);
    } else if (to == null) {
      waiting.add(content);
      if (!last) {
        side.reading(false);
      }
    } else {
      send(to, content);
      if (!to.channel().isWritable()) {
        // Unsent bytes would never become fewer: no read-complete comes while nothing is read.
        to.channel().flush();
        side.reading(to.channel().isWritable());
      }
    }
  }

  private void send(Upstream to, HttpContent content) {
    bodySent |= content.content().isReadable();
    boolean last = content instanceof LastHttpContent;
    if (bare) {
      content.release();
    } else {
      to.channel().write(content);
    }
    if (last && patience == null) {
      patience =
          side.loop()
              .schedule(this::timedOut, side.limits().answer().toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void timedOut() {
    if (!answerStarted && !over) {
      if (upstream != null) {
        upstream.distrust();
      }
      fail(HttpResponseStatus.GATEWAY_TIMEOUT, OwnAnswer.GATEWAY_TIMEOUT, true);
    }
  }

  void flushTarget() {
    if (upstream != null) {
      upstream.channel().flush();
    }
  }

  void flushClient() {
    side.flush();
  }

  void targetWritable(boolean writable) {
    side.reading(writable);
  }

  void clientWritable(boolean writable) {
    if (upstream != null) {
      upstream.reading(writable);
    }
  }

  /** Takes a part of the answer. */
  void fromTarget(Object message) {
    if (over || !(message instanceof HttpObject part) || part.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      if (!over) {
        targetFailed();
      }
      return;
    }
    if (message instanceof HttpResponse response) {
      answer(response);
    }
    if (message instanceof HttpContent content && !over) {
      // The empty content behind a 1xx is none of the answer.
      if (!answerStarted) {
        content.release();
        return;
      }
      boolean last = content instanceof LastHttpContent;
      if (!(message instanceof HttpResponse)) {
        side.write(content);
      }
      if (last) {
        finish();
      } else if (!side.writable()) {
        side.flush();
        clientWritable(side.writable());
      }
    }
  }

  private void answer(HttpResponse response) {
    int code = response.status().code();
    if (code == 101) {
      if (upgrade == null) {
        targetFailed();
      } else {
        tunnel(response);
      }
      return;
    }
    HttpHeaders headers = Forwarding.endToEnd(response);
    if (code < 200) {
      // Whole, or the encoders take the answer that comes behind it for its body.
      side.write(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              response.status(),
              Unpooled.EMPTY_BUFFER,
              headers,
              EmptyHttpHeaders.INSTANCE));
      side.flush();
      return;
    }
    answerStarted = true;
    stopWaiting();
    targetCloses = !HttpUtil.isKeepAlive(response);
    Forwarding.via(headers, response);
    client.head(response, headers);
    side.write(
        response instanceof FullHttpResponse whole
            // As one, as it came: gRPC takes a head that is no end for one that messages follow.
            ? new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                response.status(),
                whole.content(),
                headers,
                whole.trailingHeaders())
            : new DefaultHttpResponse(HttpVersion.HTTP_1_1, response.status(), headers));
  }

  private void tunnel(HttpResponse response) {
    Upstream from = upstream;
    if (from == null) {
      return;
    }
    answerStarted = true;
    over = true;
    stopWaiting();
    HttpHeaders headers = Forwarding.endToEnd(response);
    headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    String protocol = response.headers().get(HttpHeaderNames.UPGRADE);
    headers.set(HttpHeaderNames.UPGRADE, protocol == null ? upgrade : protocol);
    client.tunnel(new DefaultHttpResponse(HttpVersion.HTTP_1_1, response.status(), headers), from);
  }

  private void finish() {
    over = true;
    Upstream used = upstream;
    upstream = null;
    if (used != null) {
      used.release(requestDone && !targetCloses);
    }
    client.answered(requestDone);
  }

  /** The target closed, or said what is no HTTP. */
  void targetGone() {
    if (!over) {
      targetFailed();
    }
  }

  private void targetFailed() {
    Upstream used = upstream;
    upstream = null;
    boolean again = used != null && !answerStarted && !bodySent && requestDone && unseen(used);
    if (used != null) {
      used.release(false);
    }
    if (again) {
      stopWaiting();
      tried.clear();
      waiting.add(LastHttpContent.EMPTY_LAST_CONTENT);
      start();
      return;
    }
    if (answerStarted) {
      over = true;
      client.countUpstreamError();
      client.abort();
    } else {
      fail(HttpResponseStatus.BAD_GATEWAY, OwnAnswer.BAD_GATEWAY, true);
    }
  }

  /** Whether the request can be sent again without being done twice. */
  private boolean unseen(Upstream used) {
    return used.stale() && RETRIED.contains(request.method().name())
        || used.unprocessed() && ++refusals <= MOST_REFUSALS;
  }

  /** The client is gone: the target need not go on. */
  void clientGone() {
    if (!over) {
      over = true;
      drop();
    }
  }

  private void fail(HttpResponseStatus status, byte[] page, boolean byTarget) {
    over = true;
    drop();
    if (byTarget) {
      client.countUpstreamError();
    }
    boolean whole = requestDone || request instanceof LastHttpContent;
    client.respond(status, page, OwnAnswer.TEXT, whole);
  }

  private void drop() {
    stopWaiting();
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
    Upstream used = upstream;
    upstream = null;
    if (used != null) {
      used.release(false);
    }
  }

  private void stopWaiting() {
    if (patience != null) {
      patience.cancel(false);
      patience = null;
    }
  }
}
