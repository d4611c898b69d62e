package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** One plain request and its answer as bytes, between a client and a target. Its loop only. */
final class WireExchange {

  private final Requester client;
  private final ServingTable table;
  private final ServedRoute route;
  private final RequestGuard guard;
  private final boolean toHead;
  private final boolean bare;
  private final long started = System.nanoTime();
  private final Attempts attempts;
  private @Nullable Target target;
  private @Nullable WireUpstream upstream;
  private boolean sent;
  private boolean answering;
  private boolean over;

  /** When time was told first with nothing left to send; 0 for not yet. */
  private long waitingSince;

  /**
   * A request that waits to be started.
   *
   * @param method of the request
   * @param bare whether it has no body, so that it can be sent again
   */
  WireExchange(
      Requester client,
      ServingTable table,
      ServedRoute route,
      RequestGuard guard,
      String method,
      boolean bare) {
    this.client = client;
    this.table = table;
    this.route = route;
    this.guard = guard;
    toHead = method.equals("HEAD");
    this.bare = bare;
    attempts = new Attempts(method);
  }

  boolean toHead() {
    return toHead;
  }

  /** Looks for a target; without one the answer is ours. */
  void start() {
    Target next = attempts.next(route, started);
    if (next == null) {
      if (attempts.expected()) {
        fail(HttpResponseStatus.BAD_GATEWAY);
      } else {
        client.shared().failures().noTarget(route);
        fail(client.shared().options().noHealthy(), table.noHealthy(), false);
      }
      return;
    }
    WireUpstream idle = client.pool().idle().take(next.place());
    if (idle != null) {
      use(idle, next);
    } else {
      open(next);
    }
  }

  private void open(Target next) {
    client
        .pool()
        .open(next.place())
        .addListener(
            (Future<WireUpstream> opened) -> {
              if (opened.isSuccess()) {
                if (over) {
                  opened.getNow().drop();
                } else {
                  use(opened.getNow(), next);
                  passWaiting();
                }
              } else {
                attempts.refused(next, opened.cause());
                if (!over) {
                  start();
                  passWaiting();
                }
              }
            });
  }

  /** Passes what the client sent of the body while no target was there. */
  private void passWaiting() {
    if (upstream != null) {
      client.targetReady();
      // No read-complete may come for what waited.
      flushTarget();
    }
  }

  private void use(WireUpstream chosen, Target of) {
    upstream = chosen;
    target = of;
    chosen.attach(this);
    chosen.write(client.request(path(of)));
    if (client.requestEnded()) {
      bodySent();
    }
  }

  /** The target of the request line; null if the client's goes on as it is. */
  private @Nullable String path(Target of) {
    if (of.bare() && route.route().fwdpath().isEmpty()) {
      return null;
    }
    return route.path(of, guard);
  }

  /** Whether parts of the request's body may be passed. */
  boolean open() {
    return upstream != null;
  }

  boolean targetTakesMore() {
    WireUpstream to = upstream;
    return to == null || to.writable();
  }

  /** Passes a part of the request's body. */
  void fromClient(ByteBuf part) {
    WireUpstream to = upstream;
    if (to == null) {
      part.release();
      return;
    }
    to.write(part);
    if (client.requestEnded()) {
      bodySent();
    } else if (!to.writable()) {
      // Unsent bytes would never become fewer: no read-complete comes while nothing is read.
      to.flush();
    }
  }

  private void bodySent() {
    sent = true;
    flushTarget();
  }

  void flushTarget() {
    if (upstream != null) {
      upstream.flush();
    }
  }

  void clientWritable(boolean writable) {
    if (upstream != null) {
      upstream.reading(writable);
    }
  }

  /** Whether the whole request is with the target. */
  boolean sent() {
    return sent;
  }

  /** Whether it is the target's turn. */
  boolean awaitsAnswer() {
    return sent && !answering;
  }

  void tick(long nanoTime) {
    if (!sent || answering) {
      return;
    }
    if (waitingSince == 0) {
      waitingSince = nanoTime;
    } else if (nanoTime - waitingSince >= client.shared().limits().answer().toNanos()) {
      Limits limits = client.shared().limits();
      if (upstream != null) {
        client.shared().failures().timedOut(route, upstream.place(), limits.answer().toSeconds());
      }
      if (target != null) {
        target.timedOut(nanoTime);
      }
      fail(HttpResponseStatus.GATEWAY_TIMEOUT);
    }
  }

  void targetWritable() {
    client.targetWritable();
  }

  boolean takesChunks() {
    return client.takesChunks();
  }

  void interim(ResponseHead head) {
    client.interim(head);
  }

  void head(ResponseHead head, int more) {
    if (target != null) {
      target.reached();
    }
    client.head(head, more);
  }

  /** Passes a part of the answer; the target waits if the client does not take more. */
  void part(ByteBuf part) {
    answering = true;
    client.part(part);
    if (!client.writable()) {
      client.flush();
      clientWritable(client.writable());
    }
  }

  void flushClient() {
    client.flush();
  }

  /** Passes the last part of the answer. */
  void last(ByteBuf part, @Nullable ByteBuf trailers) {
    answering = true;
    over = true;
    upstream = null;
    count();
    client.last(part, trailers);
  }

  private void count() {
    client.shared().counters().answered(System.nanoTime() - started);
  }

  /** The target closed its connection. */
  void targetGone() {
    WireUpstream used = upstream;
    Target of = target;
    if (used != null && of != null && !used.begun() && attempts.ended(of, used.reused(), bare)) {
      upstream = null;
      sent = false;
      waitingSince = 0;
      start();
    } else {
      targetFailed();
    }
  }

  /** The target said what is no HTTP, or not enough of it. */
  void targetFailed() {
    if (answering) {
      end();
      client.shared().counters().upstreamErrors.increment();
      client.abort();
    } else {
      fail(HttpResponseStatus.BAD_GATEWAY);
    }
  }

  /** The client is gone: the target need not go on. */
  void end() {
    over = true;
    WireUpstream used = upstream;
    upstream = null;
    if (used != null) {
      used.drop();
    }
  }

  /** Whether the rest of the request is awaited, and nothing was answered so far. */
  boolean awaitsRequest() {
    return !client.requestEnded() && !answering && !over;
  }

  /** The rest of the request does not come. */
  void late() {
    HttpResponseStatus status = HttpResponseStatus.REQUEST_TIMEOUT;
    fail(status, OwnAnswer.page(status), false);
  }

  private void fail(HttpResponseStatus status) {
    fail(status, OwnAnswer.page(status), true);
  }

  private void fail(HttpResponseStatus status, byte[] page, boolean byTarget) {
    end();
    if (byTarget) {
      client.shared().counters().upstreamErrors.increment();
    }
    count();
    client.respond(status, page);
  }
}
