package io.portal.proxy.http;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Counts what the proxy does. Thread-safe, without locks. */
final class Counters {

  private static final double[] BOUNDS_MILLIS = {
    0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000
  };

  final LongAdder requests = new LongAdder();
  final LongAdder upstreamErrors = new LongAdder();
  final LongAdder refused = new LongAdder();
  private final LongAdder nanos = new LongAdder();
  private final LongAdder[] buckets =
      Stream.generate(LongAdder::new).limit(BOUNDS_MILLIS.length + 1L).toArray(LongAdder[]::new);

  void answered(long tookNanos) {
    requests.increment();
    nanos.add(tookNanos);
    int bucket = 0;
    while (bucket < BOUNDS_MILLIS.length && tookNanos > BOUNDS_MILLIS[bucket] * 1e6) {
      bucket++;
    }
    buckets[bucket].increment();
  }

  ProxyStats snapshot(long connections, List<String> unhealthy) {
    return new ProxyStats(
        requests.sum(),
        upstreamErrors.sum(),
        refused.sum(),
        connections,
        Arrays.stream(BOUNDS_MILLIS).boxed().toList(),
        Arrays.stream(buckets).map(LongAdder::sum).toList(),
        nanos.sum(),
        unhealthy);
  }
}
