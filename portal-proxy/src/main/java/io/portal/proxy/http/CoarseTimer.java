package io.portal.proxy.http;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The deadlines of one event loop's connections: a wheel of lists, looked at a few times a second,
 * of which each look costs what is due and nothing for what is not. A timer of its own for each
 * request would cost more than the request's head. Deadlines are met up to {@link #periodNanos()}
 * late. That event loop only.
 */
final class CoarseTimer {

  /** Somebody who is told of the time again and again. */
  interface Timed {

    /** Looks at its deadlines. */
    void tick(long nanoTime);
  }

  /** A deadline that can be set again and again; at any moment one at most. */
  abstract static class Deadline {

    private long at;
    private int slot = NONE;

    /** Its time has come; it may be set again. */
    abstract void due(long nanoTime);
  }

  private static final int NONE = -1;
  private static final int SLOTS = 512;
  private static final long LONGEST_MILLIS = 250;
  private static final long SHORTEST_MILLIS = 5;

  private final LongSupplier clock;
  private final long periodNanos;
  private final long recheckNanos;
  private final long origin;
  private final List<Set<Deadline>> wheel = new ArrayList<>(SLOTS);
  private final List<Timed> timed = new ArrayList<>();
  private long now;
  private long turn;
  private long told;
  private long looks;

  /** A timer that runs as long as its loop; the clock gives nanoseconds of any origin. */
  CoarseTimer(EventLoop loop, Limits limits, LongSupplier clock) {
    this.clock = clock;
    for (int i = 0; i < SLOTS; i++) {
      wheel.add(new LinkedHashSet<>());
    }
    long shortest =
        Math.min(
            Math.min(limits.headerRead().toMillis(), limits.idle().toMillis()),
            limits.answer().toMillis());
    long millis = Math.max(SHORTEST_MILLIS, Math.min(LONGEST_MILLIS, shortest / 20));
    periodNanos = TimeUnit.MILLISECONDS.toNanos(millis);
    recheckNanos = 4 * periodNanos;
    now = clock.getAsLong();
    told = now;
    origin = now;
    loop.scheduleWithFixedDelay(this::turn, millis, millis, TimeUnit.MILLISECONDS);
  }

  /** When the wheel was turned last: the time, up to {@link #periodNanos()} late. */
  long nanoTime() {
    return now;
  }

  long periodNanos() {
    return periodNanos;
  }

  /** How often those that have more than one deadline look at them. */
  long recheckNanos() {
    return recheckNanos;
  }

  /** Tells somebody of the time every {@link #recheckNanos()}. */
  void add(Timed one) {
    timed.add(one);
  }

  /** Sets a deadline; one that is set for an earlier time already stays. */
  void set(Deadline deadline, long nanoTime) {
    if (deadline.slot != NONE) {
      if (deadline.at - nanoTime <= 0) {
        return;
      }
      clear(deadline);
    }
    deadline.at = nanoTime;
    // What is further away than the wheel reaches is looked at and set again on the way.
    long turns = Math.min(SLOTS - 1L, Math.max(1, (nanoTime - now) / periodNanos + 1));
    deadline.slot = slot(turn + turns);
    wheel.get(deadline.slot).add(deadline);
  }

  private static int slot(long turn) {
    return (int) Math.floorMod(turn, (long) SLOTS);
  }

  /** Takes a deadline back, if it is set. */
  void clear(Deadline deadline) {
    if (deadline.slot != NONE) {
      wheel.get(deadline.slot).remove(deadline);
      deadline.slot = NONE;
    }
  }

  /** How often a deadline was looked at so far: what the timer costs. */
  long looks() {
    return looks;
  }

  private void turn() {
    now = clock.getAsLong();
    long reached = (now - origin) / periodNanos;
    // A clock that jumped: each list once is all there is.
    long from = Math.max(turn + 1, reached - SLOTS + 1);
    turn = reached;
    for (long at = from; at <= reached; at++) {
      expire(slot(at));
    }
    if (now - told >= recheckNanos) {
      told = now;
      timed.forEach(one -> one.tick(now));
    }
  }

  private void expire(int slot) {
    Set<Deadline> due = wheel.get(slot);
    if (due.isEmpty()) {
      return;
    }
    // A copy: what is due sets and clears deadlines, its own and others'.
    for (Deadline one : due.toArray(new Deadline[0])) {
      if (one.slot == slot && due.remove(one)) {
        looks++;
        one.slot = NONE;
        if (one.at - now <= 0) {
          one.due(now);
        } else {
          set(one, one.at);
        }
      }
    }
  }
}
