package io.portal.proxy.http;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One request and its answer, between a client and a target. The client's event loop only. */
final class Exchange {

  private final ClientHandler client;
  private final ClientSide side;
  private final ServedRoute route;
  private final HttpRequest request;
  private final RequestGuard guard;
  private final RequestBody body;
  private final Attempts attempts;
  private final @Nullable String upgrade;

  private @Nullable Upstream upstream;
  private @Nullable Target target;
  private @Nullable ScheduledFuture<?> patience;
  private boolean answerStarted;
  private boolean targetCloses;
  private boolean over;

  Exchange(ClientHandler client, ServedRoute route, HttpRequest request, RequestGuard guard) {
    this.client = client;
    side = client.side();
    this.route = route;
    this.request = request;
    this.guard = guard;
    body = new RequestBody(side, request);
    attempts = new Attempts(request.method().name());
    upgrade = side.stream() || !client.knowsInterim() ? null : Forwarding.upgrade(request);
  }

  /** Looks for a target; without one the answer is ours. */
  void start() {
    Target next = attempts.next(route, System.nanoTime());
    if (next == null) {
      if (attempts.expected()) {
        fail(HttpResponseStatus.BAD_GATEWAY);
      } else {
        side.failures().noTarget(route);
        fail(side.options().noHealthy(), client.table().noHealthy(), false);
      }
      return;
    }
    Upstream idle = side.upstreams().idle().take(next.place());
    if (idle != null) {
      use(idle, next);
    } else {
      open(next);
    }
  }

  private void open(Target next) {
    side.upstreams()
        .open(next.place(), upgrade != null)
        .addListener(
            (Future<Upstream> opened) -> {
              if (opened.isSuccess()) {
                if (over) {
                  opened.getNow().release(false);
                } else {
                  use(opened.getNow(), next);
                }
              } else {
                attempts.refused(next, opened.cause());
                if (!over) {
                  start();
                }
              }
            });
  }

  private void use(Upstream chosen, Target of) {
    upstream = chosen;
    target = of;
    chosen.attach(this, request.method());
    String path = route.path(of, guard);
    chosen
        .channel()
        .write(
            ForwardedMessage.request(request, side, guard.authority(), path, upgrade, body.bare()));
    body.sendKept(chosen);
    awaitAnswer();
    chosen.channel().flush();
    side.reading(chosen.channel().isWritable());
  }

  /** Takes a part of the request's body. */
  void fromClient(HttpContent content) {
    Upstream to = upstream;
    if (over) {
      body.refuse(content);
    } else if (to == null) {
      body.keep(content);
    } else {
      body.send(to, content);
      awaitAnswer();
      body.holdBack(to);
    }
  }

  /** Bounds the time that a target has for its answer to a whole request. */
  private void awaitAnswer() {
    if (body.sent() && patience == null) {
      patience =
          side.loop()
              .schedule(this::timedOut, side.limits().answer().toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Whether it is the target's turn. */
  boolean awaitsAnswer() {
    return body.sent() && !answerStarted;
  }

  /** Whether the rest of the request is awaited, and nothing was answered so far. */
  boolean awaitsRequest() {
    return !body.read() && !answerStarted && !over;
  }

  private void timedOut() {
    if (!answerStarted && !over) {
      if (upstream != null) {
        side.failures().timedOut(route, upstream.place(), side.limits().answer().toSeconds());
        upstream.distrust();
      }
      if (target != null) {
        target.timedOut(System.nanoTime());
      }
      fail(HttpResponseStatus.GATEWAY_TIMEOUT);
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
      if (content instanceof LastHttpContent end && !end.trailingHeaders().isEmpty()) {
        Forwarding.cleanResponse(end.trailingHeaders());
      }
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
    if (code < 100 || code > 999) {
      // RFC 9110 15: three digits, which HTTP/2 leaves to us to see.
      targetFailed();
      return;
    }
    if (code == 101) {
      if (upgrade == null) {
        targetFailed();
      } else {
        tunnel(response, upgrade);
      }
      return;
    }
    if (code < 200) {
      if (!client.knowsInterim()) {
        return;
      }
      side.write(ForwardedMessage.interim(response));
      side.flush();
      return;
    }
    answerStarted = true;
    stopWaiting();
    if (target != null) {
      target.reached();
    }
    targetCloses = !HttpUtil.isKeepAlive(response);
    HttpResponse answer = ForwardedMessage.answer(response);
    client.head(response, answer.headers());
    side.write(answer);
  }

  private void tunnel(HttpResponse response, String asked) {
    Upstream from = upstream;
    if (from == null) {
      return;
    }
    answerStarted = true;
    over = true;
    stopWaiting();
    client.tunnel(ForwardedMessage.switching(response, asked), from);
  }

  private void finish() {
    over = true;
    Upstream used = upstream;
    upstream = null;
    if (used != null) {
      used.release(body.read() && !targetCloses);
    }
    client.answered(body.read());
  }

  /** The target closed, or said what is no HTTP. */
  void targetGone() {
    if (over) {
      return;
    }
    Upstream used = upstream;
    if (used == null || !again(used)) {
      targetFailed();
      return;
    }
    upstream = null;
    used.release(false);
    stopWaiting();
    body.again();
    start();
  }

  /** Whether the request may be sent once more, now that its connection or stream has ended. */
  private boolean again(Upstream used) {
    Target of = target;
    if (answerStarted || of == null) {
      return false;
    }
    if (used.unprocessed()) {
      return attempts.unprocessed(body.repeatable());
    }
    return used.endedUnanswered() && attempts.ended(of, used.reused(), body.repeatable());
  }

  private void targetFailed() {
    Upstream used = upstream;
    upstream = null;
    if (used != null) {
      used.release(false);
    }
    if (answerStarted) {
      over = true;
      client.countUpstreamError();
      client.abort();
    } else {
      fail(HttpResponseStatus.BAD_GATEWAY);
    }
  }

  /** The client is gone: the target need not go on. */
  void clientGone() {
    if (!over) {
      over = true;
      drop();
    }
  }

  private void fail(HttpResponseStatus status) {
    fail(status, OwnAnswer.page(status), true);
  }

  private void fail(HttpResponseStatus status, byte[] page, boolean byTarget) {
    over = true;
    drop();
    if (byTarget) {
      client.countUpstreamError();
    }
    boolean whole = body.read() || request instanceof LastHttpContent;
    client.respond(status, page, OwnAnswer.TEXT, whole);
  }

  private void drop() {
    stopWaiting();
    body.release();
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
