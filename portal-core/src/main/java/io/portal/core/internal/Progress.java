package io.portal.core.internal;

import com.google.common.collect.ImmutableSortedMap;
import io.portal.core.Health;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts what the reconciler does. Thread-safe. */
final class Progress {

  final AtomicLong changes = new AtomicLong();
  final AtomicLong driftRepaired = new AtomicLong();
  final AtomicLong failedChanges = new AtomicLong();
  final AtomicLong writes = new AtomicLong();
  final AtomicLong refusedWrites = new AtomicLong();
  private final AtomicLong passes = new AtomicLong();
  private volatile @Nullable Instant lastPass;
  private volatile String repairing = "";

  void passed(Instant time) {
    lastPass = time;
    passes.incrementAndGet();
  }

  /** Says what is being repaired at this moment; empty for nothing. */
  void repairing(String what) {
    repairing = what;
  }

  Health health(long revision, Map<String, String> failures, int unmanaged) {
    Map<String, String> failing = new TreeMap<>(failures);
    String running = repairing;
    if (!running.isEmpty()) {
      failing.putIfAbsent(ServicesWorld.SUBJECT, running);
    }
    return new Health(
        lastPass != null,
        revision,
        lastPass,
        passes.get(),
        changes.get(),
        driftRepaired.get(),
        failedChanges.get(),
        writes.get(),
        refusedWrites.get(),
        unmanaged,
        ImmutableSortedMap.copyOf(failing));
  }
}
