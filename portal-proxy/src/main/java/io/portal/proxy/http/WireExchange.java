package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.portal.proxy.route.TargetPath;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One plain request and its answer as bytes, between a client and a target. Its loop only. */
final class WireExchange {

  /** What an answer may bring with its head to share a buffer with it, in bytes. */
  private static final int SHARED = 4096;

  private static final byte[] END = Head.ascii("\r\n\r\n");
  private static final byte[] VIA = Head.ascii("via: 1.1 portal\r\n");
  private static final byte[] CLOSE = Head.ascii("connection: close\r\n");
  private static final byte[] CHUNKED = Head.ascii("transfer-encoding: chunked\r\n");

  private final WireClient client;
  private final ServedRoute route;
  private final RequestGuard guard;
  private final boolean toHead;
  private final boolean retried;
  private final boolean keepAlive;
  private final long started = System.nanoTime();
  private @Nullable ByteBuf request;
  private Set<Target> tried = Set.of();
  private @Nullable WireUpstream upstream;
  private boolean sent;
  private boolean answering;
  private boolean over;

  /** When time was told first with nothing left to send; 0 for not yet. */
  private long waitingSince;

  /**
   * A request that waits to be started.
   *
   * @param request the bytes of its head, kept until the answer comes
   */
  WireExchange(
      WireClient client,
      ServedRoute route,
      RequestGuard guard,
      RequestHead head,
      ByteBuf request,
      boolean keepAlive) {
    this.client = client;
    this.route = route;
    this.guard = guard;
    this.request = request;
    this.keepAlive = keepAlive;
    String method = head.method();
    toHead = method.equals("HEAD");
    retried = head.contentLength() == 0 && Exchange.RETRIED.contains(method);
  }

  boolean toHead() {
    return toHead;
  }

  boolean keepAlive() {
    return keepAlive;
  }

  long started() {
    return started;
  }

  /**
   * Looks for a target; what it cannot find is answered with 502.
   *
   * @param head of this request; null if it is to be scanned again
   */
  void start(@Nullable RequestHead head) {
    Target target = route.next(tried, started);
    if (target == null) {
      fail(
          HttpResponseStatus.BAD_GATEWAY,
          tried.isEmpty() ? client.table().noHealthy() : Exchange.BAD_GATEWAY,
          !tried.isEmpty());
      return;
    }
    WireUpstream idle = client.pool().idle(target.place());
    if (idle != null) {
      use(idle, target, head);
    } else {
      open(target);
    }
  }

  private void open(Target target) {
    client
        .pool()
        .open(target.place())
        .addListener(
            (Future<WireUpstream> opened) -> {
              if (opened.isSuccess()) {
                target.reached();
                if (over) {
                  opened.getNow().drop();
                } else {
                  use(opened.getNow(), target, null);
                  client.pump();
                }
              } else {
                target.refused(System.nanoTime());
                if (!over) {
                  tried = tried.isEmpty() ? new HashSet<>() : tried;
                  tried.add(target);
                  start(null);
                }
              }
            });
  }

  private void use(WireUpstream chosen, Target target, @Nullable RequestHead scanned) {
    ByteBuf bytes = request;
    if (bytes == null) {
      throw new IllegalStateException("the request is gone");
    }
    RequestHead head = scanned;
    if (head == null) {
      head = RequestHead.ofThread();
      head.scan(bytes, client.limits());
      head.plain();
    }
    upstream = chosen;
    chosen.attach(this);
    byte[] about = client.about();
    ByteBuf out =
        client
            .alloc()
            .ioBuffer(bytes.readableBytes() + about.length + guard.authority().length() + 32);
    head.forward(out, path(target));
    out.writeBytes(about);
    out.writeCharSequence(guard.authority(), StandardCharsets.ISO_8859_1);
    out.writeBytes(END);
    chosen.write(out);
    if (client.bodyLeft() == 0) {
      bodySent();
    }
  }

  /** The target of the request line; null if the client's goes on as it is. */
  private @Nullable String path(Target target) {
    if (target.bare() && route.route().fwdpath().isEmpty()) {
      return null;
    }
    return TargetPath.of(
        target.path(),
        target.query(),
        route.route().id().path(),
        route.route().fwdpath(),
        guard.raw(),
        guard.path());
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
    if (client.bodyLeft() == 0) {
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

  void flushClient() {
    client.flush();
  }

  void targetWritable() {
    client.updateReading();
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

  void tick(long nanoTime) {
    if (!sent || answering) {
      return;
    }
    if (waitingSince == 0) {
      waitingSince = nanoTime;
    } else if (nanoTime - waitingSince >= client.limits().answer().toNanos()) {
      fail(HttpResponseStatus.GATEWAY_TIMEOUT, Exchange.GATEWAY_TIMEOUT, true);
    }
  }

  /** Writes a 1xx to the client. */
  void interim(ResponseHead head) {
    ByteBuf out = client.alloc().ioBuffer(head.linesEnd() + 16);
    head.forward(out);
    out.writeByte('\r').writeByte('\n');
    client.write(out);
    client.flush();
  }

  /** The answer's head as the client gets it, in a buffer with room for what comes with it. */
  ByteBuf head(ResponseHead head, boolean chunked, int more) {
    ByteBuf out =
        client
            .alloc()
            .ioBuffer(
                head.linesEnd()
                    + VIA.length
                    + CLOSE.length
                    + CHUNKED.length
                    + 16
                    + (more <= SHARED ? more : 0));
    head.forward(out);
    out.writeBytes(VIA);
    if (chunked) {
      out.writeBytes(CHUNKED);
    }
    if (!keepAlive) {
      out.writeBytes(CLOSE);
    }
    return out.writeByte('\r').writeByte('\n');
  }

  void toClient(ByteBuf part) {
    if (!answering) {
      answering = true;
      forget();
    }
    client.write(part);
  }

  /** A part was passed: the target waits if the client does not take more. */
  void moved() {
    if (!client.writable()) {
      client.flush();
      clientWritable(client.writable());
    }
  }

  /** Passes the last part of the answer. */
  void answered(ByteBuf last) {
    answering = true;
    forget();
    over = true;
    client.writeAndFlush(last);
    upstream = null;
    client.answered(this);
  }

  /** The target closed its connection. */
  void targetGone() {
    WireUpstream used = upstream;
    if (!answering && used != null && used.reused() && retried) {
      // It was closed while it lay idle: the request was most likely not seen.
      upstream = null;
      sent = false;
      waitingSince = 0;
      tried = Set.of();
      start(null);
    } else {
      targetFailed();
    }
  }

  /** The target said what is no HTTP, or not enough of it. */
  void targetFailed() {
    if (answering) {
      end();
      client.countUpstreamError();
      client.abort();
    } else {
      fail(HttpResponseStatus.BAD_GATEWAY, Exchange.BAD_GATEWAY, true);
    }
  }

  /** The client is gone: the target need not go on. */
  void end() {
    over = true;
    forget();
    WireUpstream used = upstream;
    upstream = null;
    if (used != null) {
      used.drop();
    }
  }

  private void fail(HttpResponseStatus status, byte[] page, boolean byTarget) {
    end();
    if (byTarget) {
      client.countUpstreamError();
    }
    client.respond(this, status, page);
  }

  private void forget() {
    ReferenceCountUtil.release(request);
    request = null;
  }
}
