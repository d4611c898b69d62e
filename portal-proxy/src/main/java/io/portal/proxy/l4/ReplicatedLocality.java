package io.portal.proxy.l4;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code lblcr}: a set of servers for each destination address, of which the least loaded takes the
 * connection. The set grows by one when that one is overloaded, and loses its most loaded member
 * when it has not grown for a day.
 */
final class ReplicatedLocality implements Scheduling {

  private final LongSupplier nanoTime;
  private final LeastLoad least = LeastLoad.wlc();
  private final List<Backend> members = new ArrayList<>();
  private long changedAt;

  ReplicatedLocality(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  @Override
  public @Nullable Backend pick(List<Backend> servers, Flow flow) {
    long now = nanoTime.getAsLong();
    Backend picked = least.pick(members, flow);
    if (members.size() > 1 && now - changedAt > Locality.EXPIRATION.toNanos()) {
      members.stream()
          .filter(member -> member.weight() > 0)
          .max(Comparator.comparingDouble(member -> (double) member.overhead() / member.weight()))
          .ifPresent(members::remove);
      changedAt = now;
    }
    if (picked != null && !Locality.overburdened(picked, servers)) {
      return picked;
    }
    picked = least.pick(servers, flow);
    if (picked != null && !members.contains(picked)) {
      members.add(picked);
      changedAt = now;
    }
    return picked;
  }

  @Override
  public void changed(List<Backend> servers) {
    members.retainAll(servers);
  }
}
