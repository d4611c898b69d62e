package io.portal.store.redis;

import io.portal.core.model.VipId;
import io.portal.core.port.VipOwnership;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The vips that this member has, for as long as it may be sure of them: three quarters of the lease
 * after it last asked for one. Thread-safe.
 */
final class VipLeases implements VipOwnership {

  private record Held(Set<String> vips, long until) {}

  private final long sureNanos;
  private final LongSupplier nanoTime;
  private volatile Held held;
  private volatile Runnable listener = () -> {};

  VipLeases(Duration lease, LongSupplier nanoTime) {
    this.sureNanos = lease.toNanos() / 4 * 3;
    this.nanoTime = nanoTime;
    this.held = new Held(Set.of(), nanoTime.getAsLong());
  }

  @Override
  public boolean owns(VipId vip) {
    Held now = held;
    return now.until() - nanoTime.getAsLong() > 0 && now.vips().contains(vip.toString());
  }

  @Override
  public void onChange(Runnable newListener) {
    listener = newListener;
    newListener.run();
  }

  /**
   * Redis granted these.
   *
   * @param askedAt nanoseconds when it was asked
   */
  void granted(Set<String> vips, long askedAt) {
    Held before = held;
    held = new Held(Set.copyOf(vips), askedAt + sureNanos);
    boolean lapsed = before.until() - nanoTime.getAsLong() <= 0;
    if (!before.vips().equals(vips) || lapsed && !vips.isEmpty()) {
      listener.run();
    }
  }

  /** Lets go of what was not granted again in time; to be called often. */
  void expire() {
    Held now = held;
    if (!now.vips().isEmpty() && now.until() - nanoTime.getAsLong() <= 0) {
      drop();
    }
  }

  /** Lets go of everything. */
  void drop() {
    held = new Held(Set.of(), nanoTime.getAsLong());
    listener.run();
  }
}
