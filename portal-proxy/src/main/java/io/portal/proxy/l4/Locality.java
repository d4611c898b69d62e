package io.portal.proxy.l4;

import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code lblc}: one server for each destination address, until it is overloaded while another is at
 * half its weight. A service has one address, so all its connections go to one server at a time.
 */
final class Locality implements Scheduling {

  /** {@code net.ipv4.vs.lblc_expiration}: an assignment unused for so long is made anew. */
  static final Duration EXPIRATION = Duration.ofDays(1);

  private final LongSupplier nanoTime;
  private final LeastLoad least = LeastLoad.wlc();
  private @Nullable Backend assigned;
  private long lastUse;

  Locality(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  @Override
  public @Nullable Backend pick(List<Backend> servers, Flow flow) {
    long now = nanoTime.getAsLong();
    if (assigned == null
        || now - lastUse > EXPIRATION.toNanos()
        || !flow.admits(assigned)
        || overburdened(assigned, servers)) {
      assigned = least.pick(servers, flow);
    }
    lastUse = now;
    return assigned;
  }

  @Override
  public void changed(List<Backend> servers) {
    if (assigned != null && !servers.contains(assigned)) {
      assigned = null;
    }
  }

  /** {@code is_overloaded}: above its weight, while another server is below half of its own. */
  static boolean overburdened(Backend backend, List<Backend> servers) {
    if (backend.active() <= backend.weight()) {
      return false;
    }
    for (Backend other : servers) {
      if (other.active() * 2L < other.weight()) {
        return true;
      }
    }
    return false;
  }
}
