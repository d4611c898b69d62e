package io.portal.proxy.http;

import io.netty.handler.codec.http.HttpMethod;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The targets that a request was tried with, and whether it may be sent once more. The event loop
 * of its client only.
 */
final class Attempts {

  /** Methods that may be asked twice (RFC 9110 9.2.2). */
  private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE");

  /** How often a target may refuse a stream that it has no room for. */
  private static final int MOST_REFUSALS = 3;

  private final Set<Target> tried = new HashSet<>();
  private int refusals;

  /** Whether a request that a target may have seen can be sent again. */
  static boolean idempotent(String method) {
    return IDEMPOTENT.contains(method);
  }

  /** The next target to try; null for none. */
  @Nullable Target next(ServedRoute route) {
    Target target = route.next(tried, System.nanoTime());
    if (target != null) {
      tried.add(target);
    }
    return target;
  }

  /** Whether no target was tried since the beginning, or the last {@link #again}. */
  boolean none() {
    return tried.isEmpty();
  }

  /** Whether the request can be sent again without being done twice. */
  boolean unseen(Upstream used, HttpMethod method) {
    return used.stale() && idempotent(method.name())
        || used.unprocessed() && ++refusals <= MOST_REFUSALS;
  }

  /** Lets every target be tried once more. */
  void again() {
    tried.clear();
  }
}
