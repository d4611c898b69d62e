package io.portal.api.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Ascii;
import io.portal.api.http.Response;
import io.portal.api.http.Router;
import io.portal.core.Health;
import io.portal.core.Portal;
import io.portal.core.PortalException;
import io.portal.proxy.http.HttpProxy;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** {@code /metrics}: counters of services, servers, the reconciler and the JVM for Prometheus. */
public final class MetricsResource {

  private static final String UNREADABLE =
      "# HELP portal_stats_unreadable The counters cannot be read.\n"
          + "# TYPE portal_stats_unreadable gauge\n"
          + "portal_stats_unreadable 1\n";

  private final Portal portal;
  private final ServiceMetrics.Servers servers;
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final AtomicBoolean jvm = new AtomicBoolean();
  private final PrometheusTextFormatWriter writer =
      PrometheusTextFormatWriter.builder().setIncludeCreatedTimestamps(false).build();

  /**
   * Metrics of that portal, and of its proxy where there is one.
   *
   * @param servers {@code on}, {@code off}, or {@code auto} for as long as there are at most 1,000
   *     services: whether each server has series of its own
   */
  public MetricsResource(Portal portal, Optional<HttpProxy> proxy, String servers) {
    this.portal = portal;
    this.servers = ServiceMetrics.Servers.valueOf(Ascii.toUpperCase(servers));
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
    MetricSnapshots own = registry.scrape();
    Optional<ServiceMetrics> services = services();
    return Response.streamed(
        writer.getContentType(),
        out -> {
          writer.write(out, own);
          Writer text = new BufferedWriter(new OutputStreamWriter(out, UTF_8));
          if (services.isPresent()) {
            services.get().write(text);
          } else {
            text.write(UNREADABLE);
          }
          text.flush();
        });
  }

  private Optional<ServiceMetrics> services() {
    try {
      return Optional.of(ServiceMetrics.read(portal, servers));
    } catch (PortalException unreadable) {
      return Optional.empty();
    }
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
        gauge(
            "portal_unmanaged_services",
            "Services that were there before portal and are left alone.",
            health.unmanaged()));
    all.metricSnapshot(
        gauge("portal_services", "Services desired.", portal.state().services().size()));
    return all.build();
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
