package io.portal.proxy.l4;

import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * {@code lc}, {@code wlc}, {@code sed} and {@code nq}: the server with the least load for its
 * weight; of equals the first.
 */
final class LeastLoad implements Scheduling {

  private final ToLongFunction<Backend> load;
  private final boolean weighted;
  private final boolean idleFirst;

  private LeastLoad(ToLongFunction<Backend> load, boolean weighted, boolean idleFirst) {
    this.load = load;
    this.weighted = weighted;
    this.idleFirst = idleFirst;
  }

  /** Fewest connections. */
  static LeastLoad lc() {
    return new LeastLoad(Backend::overhead, false, false);
  }

  /** Fewest connections for its weight. */
  static LeastLoad wlc() {
    return new LeastLoad(Backend::overhead, true, false);
  }

  /** Shortest expected delay: as if the new connection were there already. */
  static LeastLoad sed() {
    return new LeastLoad(backend -> backend.active() + 1L, true, false);
  }

  /** The first idle server, else the shortest expected delay. */
  static LeastLoad nq() {
    return new LeastLoad(backend -> backend.active() + 1L, true, true);
  }

  @Override
  public @Nullable Backend pick(List<Backend> servers, Flow flow) {
    Backend least = null;
    for (Backend backend : servers) {
      if (!flow.admits(backend)) {
        continue;
      }
      if (idleFirst && backend.active() == 0) {
        return backend;
      }
      if (least == null || lighter(backend, least)) {
        least = backend;
      }
    }
    return least;
  }

  /** Whether the first has less load for its weight than the second; compared without division. */
  private boolean lighter(Backend first, Backend second) {
    long firstLoad = load.applyAsLong(first);
    long secondLoad = load.applyAsLong(second);
    return weighted
        ? firstLoad * second.weight() < secondLoad * first.weight()
        : firstLoad < secondLoad;
  }
}
