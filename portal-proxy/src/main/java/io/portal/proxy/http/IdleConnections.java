package io.portal.proxy.http;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Connections of HTTP/1.1 to targets that wait for their next request, and for how long: one that
 * waits too long may be dead without anybody having said so. Their event loop only.
 */
final class IdleConnections<C extends TargetConnection> implements CoarseTimer.Timed {

  private static final int PER_PLACE = 128;

  /** Of each place, the one that was used last at the end. */
  private final Map<Target.Place, Deque<C>> kept = new HashMap<>();

  private final long limitNanos;
  private long now = System.nanoTime();

  IdleConnections(Duration limit) {
    limitNanos = limit.toNanos();
  }

  /** The one used last; null if there is none. */
  @Nullable C take(Target.Place place) {
    Deque<C> waiting = kept.get(place);
    if (waiting == null) {
      return null;
    }
    for (C one = waiting.pollLast(); one != null; one = waiting.pollLast()) {
      if (one.channel().isActive()) {
        return one;
      }
    }
    return null;
  }

  void put(C connection) {
    Deque<C> waiting = kept.computeIfAbsent(connection.place(), place -> new ArrayDeque<>());
    if (waiting.size() >= PER_PLACE) {
      connection.channel().close();
    } else if (connection.channel().isActive()) {
      connection.idleSince(now);
      waiting.addLast(connection);
    }
  }

  void remove(C connection) {
    Deque<C> waiting = kept.get(connection.place());
    if (waiting != null) {
      waiting.remove(connection);
    }
  }

  @Override
  public void tick(long nanoTime) {
    now = nanoTime;
    kept.values()
        .removeIf(
            waiting -> {
              for (C one = waiting.peekFirst();
                  one != null && nanoTime - one.idleSince() >= limitNanos;
                  one = waiting.peekFirst()) {
                waiting.removeFirst().channel().close();
              }
              return waiting.isEmpty();
            });
  }
}
