package io.portal.proxy.http;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Tells the connections of one event loop that time goes by: one timer for all of them, where one
 * for each request would cost more than the request's head. That event loop only.
 */
final class Ticker {

  /** Somebody with deadlines. */
  interface Timed {

    /** Looks at its deadlines. */
    void tick(long nanoTime);
  }

  private static final long LONGEST_MILLIS = 1000;
  private static final long SHORTEST_MILLIS = 10;

  private final Set<Timed> timed = new LinkedHashSet<>();

  Ticker(EventLoop loop, Limits limits) {
    long shortest =
        Math.min(
            Math.min(limits.headerRead().toMillis(), limits.idle().toMillis()),
            limits.answer().toMillis());
    long millis = Math.max(SHORTEST_MILLIS, Math.min(LONGEST_MILLIS, shortest / 5));
    loop.scheduleWithFixedDelay(this::tick, millis, millis, TimeUnit.MILLISECONDS);
  }

  void add(Timed one) {
    timed.add(one);
  }

  void remove(Timed one) {
    timed.remove(one);
  }

  private void tick() {
    long now = System.nanoTime();
    // A copy: whoever closes its connection is removed meanwhile.
    new ArrayList<>(timed).forEach(one -> one.tick(now));
  }
}
