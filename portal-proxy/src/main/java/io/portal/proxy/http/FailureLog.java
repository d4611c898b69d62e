package io.portal.proxy.http;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says why the proxy itself refused requests, a few times a second at most: a dead target must not
 * fill a disk. Thread-safe, never blocks.
 */
final class FailureLog {

  private static final Logger log = LoggerFactory.getLogger(FailureLog.class);
  private static final long PAUSE_NANOS = 100_000_000;

  private final AtomicLong next = new AtomicLong(System.nanoTime());
  private final AtomicLong leftOut = new AtomicLong();

  /** A target did not respond in time. */
  void timedOut(ServedRoute route, Target.Place place, long seconds) {
    if (room()) {
      log.warn(
          "route {}: 504: target {}:{} did not respond within {} s (setting"
              + " proxy-response-timeout){}",
          name(route),
          place.host(),
          place.port(),
          seconds,
          others());
    }
  }

  /** All targets of a route are out. */
  void noTarget(ServedRoute route) {
    if (room()) {
      log.warn("route {}: 502: all of its targets are out{}", name(route), others());
    }
  }

  private boolean room() {
    long now = System.nanoTime();
    long at = next.get();
    if (now - at >= 0 && next.compareAndSet(at, now + PAUSE_NANOS)) {
      return true;
    }
    leftOut.incrementAndGet();
    return false;
  }

  private String others() {
    long count = leftOut.getAndSet(0);
    return count == 0 ? "" : "; " + count + " such lines were left out";
  }

  private static String name(ServedRoute route) {
    return route.route().id().toString();
  }
}
