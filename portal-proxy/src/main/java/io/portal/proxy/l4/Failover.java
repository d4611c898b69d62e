package io.portal.proxy.l4;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code fo}: the server with the greatest weight that is not overloaded; of equals the first. */
final class Failover implements Scheduling {

  @Override
  public @Nullable Backend pick(List<Backend> servers, Flow flow) {
    Backend best = null;
    for (Backend backend : servers) {
      if (flow.admits(backend) && (best == null || backend.weight() > best.weight())) {
        best = backend;
      }
    }
    return best;
  }
}
