package io.portal.api.resource;

import io.portal.core.Portal;
import io.portal.core.model.Server;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.port.ServerStats;
import io.portal.core.port.ServiceStats;
import io.portal.core.port.TrafficStats;
import java.io.IOException;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the balancer counted, in Prometheus' text format (version 0.0.4). Written line by line:
 * 10,000 services of 10 servers are a million lines, which nobody needs in memory at once.
 */
final class ServiceMetrics {

  /** With more services than this, servers have no series of their own unless asked for. */
  static final int MOST_WITH_SERVERS = 1000;

  private static final List<Counter> COUNTERS =
      List.of(
          new Counter("connections", "Connections scheduled.", TrafficStats::connections),
          new Counter("in_packets", "Packets towards servers.", TrafficStats::inPackets),
          new Counter("out_packets", "Packets towards clients.", TrafficStats::outPackets),
          new Counter("in_bytes", "Bytes towards servers.", TrafficStats::inBytes),
          new Counter("out_bytes", "Bytes towards clients.", TrafficStats::outBytes));
  private static final List<Counter> RATES =
      List.of(
          new Counter(
              "connections_per_second",
              "Connections scheduled a second.",
              TrafficStats::connectionsPerSecond),
          new Counter(
              "in_packets_per_second",
              "Packets towards servers a second.",
              TrafficStats::inPacketsPerSecond),
          new Counter(
              "out_packets_per_second",
              "Packets towards clients a second.",
              TrafficStats::outPacketsPerSecond),
          new Counter(
              "in_bytes_per_second",
              "Bytes towards servers a second.",
              TrafficStats::inBytesPerSecond),
          new Counter(
              "out_bytes_per_second",
              "Bytes towards clients a second.",
              TrafficStats::outBytesPerSecond));

  private final Map<ServiceId, TrafficStats> services;
  private final Map<ServiceId, ServiceStats> servers;
  private final Map<ServiceId, Service> desired;

  private ServiceMetrics(
      Map<ServiceId, TrafficStats> services,
      Map<ServiceId, ServiceStats> servers,
      Map<ServiceId, Service> desired) {
    this.services = services;
    this.servers = servers;
    this.desired = desired;
  }

  /** A counter, or a gauge, that services and servers have. */
  private record Counter(String name, String help, ToLongFunction<TrafficStats> value) {}

  /** Which series servers get. */
  enum Servers {
    /** Their own, while there are at most {@link #MOST_WITH_SERVERS} services. */
    AUTO,
    /** Their own. */
    ON,
    /** None. */
    OFF
  }

  /**
   * Reads the counters: those of services alone are one question to the balancer, those of servers
   * one for each service. May block.
   */
  static ServiceMetrics read(Portal portal, Servers which) {
    Map<ServiceId, Service> desired = portal.state().services();
    boolean withServers =
        which == Servers.ON || which == Servers.AUTO && desired.size() <= MOST_WITH_SERVERS;
    if (!withServers) {
      return new ServiceMetrics(portal.traffic(), Map.of(), desired);
    }
    Map<ServiceId, ServiceStats> servers = portal.stats(desired.keySet());
    Map<ServiceId, TrafficStats> services = new LinkedHashMap<>();
    servers.forEach((id, stats) -> services.put(id, stats.traffic()));
    return new ServiceMetrics(services, servers, desired);
  }

  /** Writes all of it. */
  void write(Writer out) throws IOException {
    for (Counter counter : COUNTERS) {
      family(out, "portal_service_" + counter.name + "_total", counter.help, "counter", counter);
      serverFamily(
          out, "portal_server_" + counter.name + "_total", counter.help, "counter", counter);
    }
    for (Counter rate : RATES) {
      family(out, "portal_service_" + rate.name, rate.help, "gauge", rate);
      serverFamily(out, "portal_server_" + rate.name, rate.help, "gauge", rate);
    }
    connections(out, "active", "Established connections.", ServerStats::activeConnections);
    connections(
        out,
        "inactive",
        "Connections that are not established: opening, closing, and all of UDP.",
        ServerStats::inactiveConnections);
    connections(
        out, "persistent", "Clients that stick to the server.", ServerStats::persistentConnections);
    weights(out);
  }

  private void family(Writer out, String name, String help, String type, Counter counter)
      throws IOException {
    head(out, name, help, type);
    for (Map.Entry<ServiceId, TrafficStats> entry : services.entrySet()) {
      line(out, name, entry.getKey(), null, counter.value.applyAsLong(entry.getValue()));
    }
  }

  private void serverFamily(Writer out, String name, String help, String type, Counter counter)
      throws IOException {
    each(out, name, help, type, stats -> counter.value.applyAsLong(stats.traffic()));
  }

  private void connections(Writer out, String state, String help, ToLongFunction<ServerStats> value)
      throws IOException {
    each(out, "portal_server_" + state + "_connections", help, "gauge", value);
  }

  private void each(
      Writer out, String name, String help, String type, ToLongFunction<ServerStats> value)
      throws IOException {
    if (servers.isEmpty()) {
      return;
    }
    head(out, name, help, type);
    for (ServiceStats service : servers.values()) {
      for (var server : service.servers().entrySet()) {
        line(out, name, service.id(), server.getKey(), value.applyAsLong(server.getValue()));
      }
    }
  }

  private void weights(Writer out) throws IOException {
    if (servers.isEmpty()) {
      return;
    }
    String name = "portal_server_weight";
    head(out, name, "Weight that the server is to have; 0 while it drains.", "gauge");
    for (ServiceId id : servers.keySet()) {
      Service service = desired.get(id);
      if (service != null) {
        for (Server server : service.servers()) {
          line(out, name, id, server.id(), service.effectiveSettings(server).weight());
        }
      }
    }
  }

  private static void head(Writer out, String name, String help, String type) throws IOException {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private static void line(
      Writer out, String name, ServiceId service, @Nullable Object server, long value)
      throws IOException {
    // An id has no character that a label would have to escape.
    out.append(name).append("{service=\"").append(service.toString());
    if (server != null) {
      out.append("\",server=\"").append(server.toString());
    }
    out.append("\"} ").append(Long.toUnsignedString(value)).append('\n');
  }
}
