package io.portal.proxy.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Closes a client's connection whose request's head does not come to its end, which stands still
 * within a request, or which has had none for too long. Only what belongs to a request counts:
 * empty lines, PINGs and the like prolong nothing. First in the pipeline, so that all that is
 * flushed is seen. Its event loop only.
 */
final class ConnectionTimeouts extends ChannelDuplexHandler {

  /** Who carries the requests of a connection. */
  interface User extends CoarseTimer.Timed {

    /** Whether it is the target's turn, whose time is limited elsewhere. */
    boolean awaitsTarget();

    /**
     * The rest of a request did not come in time.
     *
     * @return whether that was answered (RFC 9110 15.5.9), so that the connection ends by itself
     */
    boolean late();
  }

  private enum Phase {
    /** A part of a head, or a handshake, is there. */
    HEAD,
    /** Between requests. */
    IDLE,
    /** Within a request of HTTP/1.1. */
    REQUEST,
    /** Streams of HTTP/2 are open; each has a time of its own. */
    STREAMS,
    /** Upgraded: all bytes count. */
    TUNNEL
  }

  private final CoarseTimer timer;
  private final long headNanos;
  private final long idleNanos;
  private final CoarseTimer.Deadline deadline =
      new CoarseTimer.Deadline() {
        @Override
        void due(long nanoTime) {
          check(nanoTime);
        }
      };

  private @Nullable ChannelHandlerContext context;
  private @Nullable User user;
  private Phase phase = Phase.HEAD;
  private boolean headBegun;
  private boolean moved;
  private long since;
  private long pending;

  ConnectionTimeouts(CoarseTimer timer, Limits limits) {
    this.timer = timer;
    headNanos = limits.headerRead().toNanos();
    idleNanos = limits.idle().toNanos();
  }

  /** Who else is told of the time while there are requests. */
  void user(@Nullable User next) {
    user = next;
  }

  /**
   * A part of a head is there: the rest must come in time, which begins after a running request.
   */
  void headBegins() {
    headBegun = true;
    if (phase == Phase.IDLE) {
      enter(Phase.HEAD, headNanos);
    }
  }

  /** A head is whole: a request runs. */
  void requestBegins() {
    headBegun = false;
    if (phase != Phase.REQUEST) {
      enter(Phase.REQUEST, timer.recheckNanos());
    }
  }

  /** Nothing runs any more. */
  void idle() {
    if (headBegun) {
      enter(Phase.HEAD, headNanos);
    } else {
      enter(Phase.IDLE, idleNanos);
    }
  }

  /** Streams of HTTP/2 run, until {@link #idle()}. */
  void streamsBegin() {
    enter(Phase.STREAMS, timer.recheckNanos());
  }

  /** From now on bytes pass as they come. */
  void tunnelBegins() {
    enter(Phase.TUNNEL, timer.recheckNanos());
  }

  /** Only the client's end is awaited, which must come as soon as a head would have to. */
  void endAwaited() {
    headBegun = false;
    enter(Phase.HEAD, headNanos);
  }

  /** A part of a request's body was read. */
  void moved() {
    moved = true;
  }

  private void enter(Phase next, long limitNanos) {
    phase = next;
    moved = false;
    since = timer.nanoTime();
    timer.set(deadline, since + limitNanos);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    enter(Phase.HEAD, headNanos);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    timer.clear(deadline);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    moved |= phase == Phase.TUNNEL;
    ctx.fireChannelRead(message);
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    moved = true;
    ctx.flush();
  }

  private void check(long nanoTime) {
    ChannelHandlerContext ctx = context;
    User asked = user;
    if (ctx == null || ctx.isRemoved()) {
      return;
    }
    boolean running = phase.compareTo(Phase.REQUEST) >= 0;
    if (running && stirs(ctx, asked)) {
      since = nanoTime;
    }
    long left = since + (phase == Phase.HEAD ? headNanos : idleNanos) - nanoTime;
    if (left <= 0) {
      if (!late(asked)) {
        // By all handlers: HTTP/2 says GOAWAY, TLS close_notify.
        ctx.channel().close();
      }
      return;
    }
    timer.set(deadline, nanoTime + (running ? timer.recheckNanos() : left));
    if (running && asked != null) {
      asked.tick(nanoTime);
    }
  }

  private boolean late(@Nullable User asked) {
    if (asked == null || !(headBegun && phase == Phase.HEAD || phase == Phase.REQUEST)) {
      return false;
    }
    // Once: what is answered has as long to leave.
    endAwaited();
    return asked.late();
  }

  /** Whether something moved since the last look, or need not. */
  private boolean stirs(ChannelHandlerContext ctx, @Nullable User asked) {
    ChannelOutboundBuffer out = ctx.channel().unsafe().outboundBuffer();
    long waiting = out == null ? 0 : out.totalPendingWriteBytes();
    boolean stirs =
        moved
            || waiting != pending
            || phase == Phase.STREAMS
            || phase == Phase.REQUEST && asked != null && asked.awaitsTarget();
    moved = false;
    pending = waiting;
    return stirs;
  }
}
