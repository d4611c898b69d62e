package io.portal.api.resource;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.portal.api.http.Request;
import io.portal.api.http.Response;
import io.portal.api.http.Router;
import io.portal.core.NotFoundException;
import io.portal.core.Portal;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServiceId;
import io.portal.core.port.ServerStats;
import io.portal.core.port.ServiceStats;
import io.portal.core.port.TrafficStats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@code /stats}: the balancer's counters as JSON. */
public final class StatsResource {

  private static final JsonFactory JSON = new JsonFactory();

  private final Portal portal;

  /** Counters of that portal's services. */
  public StatsResource(Portal portal) {
    this.portal = portal;
  }

  /** Adds the paths. */
  public void addTo(Router router) {
    router.add("GET", "/stats", request -> all()).add("GET", "/services/:id/stats", this::one);
  }

  private Response all() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartArray();
      for (ServiceStats stats : portal.stats(portal.state().services().keySet()).values()) {
        write(stats, json);
      }
      json.writeEndArray();
    }
    return finished(out);
  }

  private Response one(Request request) throws IOException {
    ServiceId id = ServicesResource.id(request);
    portal.services().get(id);
    ServiceStats stats = portal.stats(List.of(id)).get(id);
    if (stats == null) {
      throw NotFoundException.service();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      write(stats, json);
    }
    return finished(out);
  }

  private static Response finished(ByteArrayOutputStream out) {
    out.write('\n');
    return new Response(200, "application/json", out.toByteArray(), Map.of());
  }

  private static void write(ServiceStats stats, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", stats.id().toString());
    write(stats.traffic(), json);
    json.writeArrayFieldStart("servers");
    for (Map.Entry<ServerId, ServerStats> entry : stats.servers().entrySet()) {
      ServerStats server = entry.getValue();
      json.writeStartObject();
      json.writeStringField("id", entry.getKey().toString());
      json.writeNumberField("active_connections", server.activeConnections());
      json.writeNumberField("inactive_connections", server.inactiveConnections());
      json.writeNumberField("persistent_connections", server.persistentConnections());
      write(server.traffic(), json);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(TrafficStats traffic, JsonGenerator json) throws IOException {
    json.writeNumberField("connections", traffic.connections());
    json.writeNumberField("in_packets", traffic.inPackets());
    json.writeNumberField("out_packets", traffic.outPackets());
    json.writeNumberField("in_bytes", traffic.inBytes());
    json.writeNumberField("out_bytes", traffic.outBytes());
    json.writeNumberField("connections_per_second", traffic.connectionsPerSecond());
    json.writeNumberField("in_packets_per_second", traffic.inPacketsPerSecond());
    json.writeNumberField("out_packets_per_second", traffic.outPacketsPerSecond());
    json.writeNumberField("in_bytes_per_second", traffic.inBytesPerSecond());
    json.writeNumberField("out_bytes_per_second", traffic.outBytesPerSecond());
  }
}
