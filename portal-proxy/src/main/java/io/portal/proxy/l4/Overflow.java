package io.portal.proxy.l4;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code ovf}: the server with the greatest weight whose active connections are not above its
 * weight; none when all are.
 */
final class Overflow implements Scheduling {

  @Override
  public @Nullable Backend pick(List<Backend> servers, Flow flow) {
    Backend best = null;
    for (Backend backend : servers) {
      if (flow.admits(backend)
          && backend.active() <= backend.weight()
          && (best == null || backend.weight() > best.weight())) {
        best = backend;
      }
    }
    return best;
  }
}
