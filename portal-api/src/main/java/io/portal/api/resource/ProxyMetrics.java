package io.portal.api.resource;

import io.portal.proxy.http.ProxyStats;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;

/** What the proxy counts, as Prometheus metrics. Stateless. */
final class ProxyMetrics {

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MILLIS_PER_SECOND = 1e3;

  private ProxyMetrics() {}

  static MetricSnapshots of(ProxyStats stats) {
    return MetricSnapshots.of(
        MetricsResource.counter(
            "portal_proxy_requests", "Requests answered, whoever answered.", stats.requests()),
        MetricsResource.counter(
            "portal_proxy_refused_requests", "Requests refused with 400.", stats.refused()),
        MetricsResource.counter(
            "portal_proxy_upstream_errors",
            "Answers of 502 and 504 because of a target.",
            stats.upstreamErrors()),
        MetricsResource.gauge(
            "portal_proxy_connections", "Open connections of clients.", stats.connections()),
        MetricsResource.gauge(
            "portal_proxy_unhealthy_targets",
            "Targets that are not asked now.",
            stats.unhealthy().size()),
        latency(stats));
  }

  private static HistogramSnapshot latency(ProxyStats stats) {
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    for (int i = 0; i < stats.latencyCounts().size(); i++) {
      double bound =
          i < stats.latencyBounds().size()
              ? stats.latencyBounds().get(i) / MILLIS_PER_SECOND
              : Double.POSITIVE_INFINITY;
      buckets.bucket(bound, stats.latencyCounts().get(i));
    }
    return HistogramSnapshot.builder()
        .name("portal_proxy_request_duration_seconds")
        .help("Time from a request's head to the end of its answer.")
        .unit(Unit.SECONDS)
        .dataPoint(
            HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(buckets.build())
                .sum(stats.latencyNanos() / NANOS_PER_SECOND)
                .build())
        .build();
  }
}
