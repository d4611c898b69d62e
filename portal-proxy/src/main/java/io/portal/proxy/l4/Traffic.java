package io.portal.proxy.l4;

import io.portal.core.port.TrafficStats;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what passes; thread-safe. A rate is the mean since the reading before, at least one second
 * apart. Packets are counted for UDP only: a TCP relay never sees packets.
 */
final class Traffic {

  private static final long SECOND = 1_000_000_000L;

  final LongAdder connections = new LongAdder();
  final LongAdder inPackets = new LongAdder();
  final LongAdder outPackets = new LongAdder();
  final LongAdder inBytes = new LongAdder();
  final LongAdder outBytes = new LongAdder();

  private long sampledAt;
  private boolean sampled;
  private TrafficStats last = TrafficStats.NONE;

  /** Totals and rates at that time. */
  synchronized TrafficStats read(long nanoTime) {
    long elapsed = nanoTime - sampledAt;
    boolean fresh = !sampled || elapsed >= SECOND;
    boolean rated = sampled && fresh;
    TrafficStats before = last;
    TrafficStats now =
        new TrafficStats(
            connections.sum(),
            inPackets.sum(),
            outPackets.sum(),
            inBytes.sum(),
            outBytes.sum(),
            rated
                ? rate(connections.sum() - before.connections(), elapsed)
                : before.connectionsPerSecond(),
            rated
                ? rate(inPackets.sum() - before.inPackets(), elapsed)
                : before.inPacketsPerSecond(),
            rated
                ? rate(outPackets.sum() - before.outPackets(), elapsed)
                : before.outPacketsPerSecond(),
            rated ? rate(inBytes.sum() - before.inBytes(), elapsed) : before.inBytesPerSecond(),
            rated ? rate(outBytes.sum() - before.outBytes(), elapsed) : before.outBytesPerSecond());
    if (fresh) {
      last = now;
      sampledAt = nanoTime;
      sampled = true;
    }
    return now;
  }

  private static long rate(long count, long nanos) {
    return Math.round((double) count * SECOND / nanos);
  }
}
