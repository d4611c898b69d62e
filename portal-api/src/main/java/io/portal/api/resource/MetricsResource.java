package io.portal.api.resource;

import io.portal.api.http.Response;
import io.portal.api.http.Router;
import io.portal.core.Health;
import io.portal.core.Portal;
import io.portal.core.PortalException;
import io.portal.core.model.ServiceId;
import io.portal.core.port.ServiceStats;
import io.portal.core.port.TrafficStats;
import io.portal.proxy.http.HttpProxy;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToLongFunction;

/** {@code /metrics}: counters of services, servers, the reconciler and the JVM for Prometheus. */
public final class MetricsResource {

  private final Portal portal;
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final AtomicBoolean jvm = new AtomicBoolean();
  private final PrometheusTextFormatWriter writer =
      PrometheusTextFormatWriter.builder().setIncludeCreatedTimestamps(false).build();

  /** Metrics of that portal, and of its proxy where there is one. */
  public MetricsResource(Portal portal, Optional<HttpProxy> proxy) {
    this.portal = portal;
    proxy.ifPresent(p -> registry.register((MultiCollector) () -> ProxyMetrics.of(p.stats())));
    registry.register((MultiCollector) this::collect);
  }

  /** Adds the path. */
  public void addTo(Router router) {
    router.add("GET", "/metrics", request -> metrics());
  }

  private Response metrics() throws IOException {
    // The JVM's own metrics, when somebody first asks: a daemon starts faster without.
    if (jvm.compareAndSet(false, true)) {
      JvmMetrics.builder().register(registry);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(16_384);
    writer.write(out, registry.scrape());
    return new Response(200, writer.getContentType(), out.toByteArray(), Map.of());
  }

  private MetricSnapshots collect() {
    Health health = portal.health();
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    all.metricSnapshot(counter("portal_reconciler_passes", "Full passes.", health.passes()));
    all.metricSnapshot(counter("portal_reconciler_changes", "Changes made.", health.changes()));
    all.metricSnapshot(
        counter(
            "portal_drift_repaired", "Changes of somebody else undone.", health.driftRepaired()));
    all.metricSnapshot(
        counter("portal_failed_changes", "Changes refused.", health.failedChanges()));
    all.metricSnapshot(
        counter("portal_refused_writes", "Writes refused and undone.", health.refusedWrites()));
    all.metricSnapshot(
        gauge("portal_failing", "What is not as desired now.", health.failing().size()));
    all.metricSnapshot(
        gauge("portal_services", "Services desired.", portal.state().services().size()));
    try {
      services(portal.stats(portal.state().services().keySet()), all);
    } catch (PortalException unreadable) {
      all.metricSnapshot(gauge("portal_stats_unreadable", "The counters cannot be read.", 1));
    }
    return all.build();
  }

  private static void services(Map<ServiceId, ServiceStats> stats, MetricSnapshots.Builder all) {
    add("connections", "Connections scheduled.", TrafficStats::connections, stats, all);
    add("in_packets", "Packets towards servers.", TrafficStats::inPackets, stats, all);
    add("out_packets", "Packets towards clients.", TrafficStats::outPackets, stats, all);
    add("in_bytes", "Bytes towards servers.", TrafficStats::inBytes, stats, all);
    add("out_bytes", "Bytes towards clients.", TrafficStats::outBytes, stats, all);
    GaugeSnapshot.Builder active =
        GaugeSnapshot.builder()
            .name("portal_server_active_connections")
            .help("Established connections.");
    stats.forEach(
        (id, service) ->
            service
                .servers()
                .forEach(
                    (server, counted) ->
                        active.dataPoint(
                            GaugeSnapshot.GaugeDataPointSnapshot.builder()
                                .labels(
                                    Labels.of(
                                        "service", id.toString(), "server", server.toString()))
                                .value(counted.activeConnections())
                                .build())));
    all.metricSnapshot(active.build());
  }

  private static void add(
      String name,
      String help,
      ToLongFunction<TrafficStats> value,
      Map<ServiceId, ServiceStats> stats,
      MetricSnapshots.Builder all) {
    CounterSnapshot.Builder services =
        CounterSnapshot.builder().name("portal_service_" + name).help(help);
    CounterSnapshot.Builder servers =
        CounterSnapshot.builder().name("portal_server_" + name).help(help);
    stats.forEach(
        (id, service) -> {
          services.dataPoint(
              point(Labels.of("service", id.toString()), value.applyAsLong(service.traffic())));
          service
              .servers()
              .forEach(
                  (server, counted) ->
                      servers.dataPoint(
                          point(
                              Labels.of("service", id.toString(), "server", server.toString()),
                              value.applyAsLong(counted.traffic()))));
        });
    all.metricSnapshot(services.build());
    all.metricSnapshot(servers.build());
  }

  private static CounterSnapshot.CounterDataPointSnapshot point(Labels labels, double value) {
    return CounterSnapshot.CounterDataPointSnapshot.builder().labels(labels).value(value).build();
  }

  static CounterSnapshot counter(String name, String help, double value) {
    return CounterSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(point(Labels.EMPTY, value))
        .build();
  }

  static GaugeSnapshot gauge(String name, String help, double value) {
    return GaugeSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value).build())
        .build();
  }
}
