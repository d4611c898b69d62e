package io.portal.proxy.http;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The targets that a request was tried with, and whether it may be sent once more. The event loop
 * of its client only.
 */
final class Attempts {

  /** Methods that may be asked twice (RFC 9110 9.2.2). */
  private static final Set<String> IDEMPOTENT =
      Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

  /** How often a request is sent again that targets may have seen: it may be what ends them. */
  private static final int MOST_REPEATS = 3;

  private final boolean idempotent;
  private Set<Target> failed = Set.of();
  private boolean expected;
  private int repeats;

  Attempts(String method) {
    idempotent = IDEMPOTENT.contains(method);
  }

  /** The next target to try; null for none. */
  @Nullable Target next(ServedRoute route, long nanoTime) {
    Target target = route.next(failed, nanoTime);
    expected |= target != null && target.healthy(nanoTime);
    return target;
  }

  /**
   * Whether a target was tried that was thought to be healthy. One that is left alone is tried only
   * where there is no other.
   */
  boolean expected() {
    return expected;
  }

  /** The target took no connection: it is left alone, and not tried with this request again. */
  void refused(Target target, Throwable cause) {
    target.refused(System.nanoTime(), cause);
    failed(target);
  }

  private void failed(Target target) {
    failed = failed.isEmpty() ? new HashSet<>() : failed;
    failed.add(target);
  }

  /**
   * A connection ended before any byte of a response.
   *
   * @param reused whether it had carried requests before: then the target most likely closed it
   *     while it was idle, which is no fault, and may be asked on another connection
   * @param repeatable whether the request can be sent again as a whole
   * @return whether it may be sent again
   */
  boolean ended(Target target, boolean reused, boolean repeatable) {
    if (!reused) {
      refused(target, new IOException("the connection ended before a response"));
    }
    return repeatable && idempotent && (reused || ++repeats <= MOST_REPEATS);
  }

  /** The target did nothing with the request (RFC 9113 8.7); whether it may be sent again. */
  boolean unprocessed(boolean repeatable) {
    return repeatable && ++repeats <= MOST_REPEATS;
  }
}
