package io.portal.api.resource;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.portal.api.http.Response;
import io.portal.api.http.Router;
import io.portal.core.UnavailableException;
import io.portal.core.port.StoreException;
import io.portal.store.redis.ClusterMember;
import io.portal.store.redis.RedisCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /cluster}: the live members, what each has applied, and the vips it has. */
public final class ClusterResource {

  private static final JsonFactory JSON = new JsonFactory();

  private final Optional<RedisCluster> cluster;

  /**
   * Of that cluster.
   *
   * @param cluster empty for a portal on its own, which shows no members
   */
  public ClusterResource(Optional<RedisCluster> cluster) {
    this.cluster = cluster;
  }

  /** Adds the path. */
  public void addTo(Router router) {
    router.add("GET", "/cluster", request -> members());
  }

  private Response members() throws IOException {
    List<ClusterMember> members;
    try {
      members = cluster.isPresent() ? cluster.get().members() : List.of();
    } catch (StoreException e) {
      throw new UnavailableException("cluster: " + e.getMessage(), e);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator generator = JSON.createGenerator(out)) {
      generator.writeStartArray();
      for (ClusterMember member : members) {
        generator.writeStartObject();
        generator.writeStringField("name", member.name());
        generator.writeNumberField("revision", member.revision());
        generator.writeStringField("failure", member.failure());
        generator.writeArrayFieldStart("vips");
        for (String vip : member.vips()) {
          generator.writeString(vip);
        }
        generator.writeEndArray();
        generator.writeEndObject();
      }
      generator.writeEndArray();
    }
    out.write('\n');
    return new Response(200, "application/json", out.toByteArray(), Map.of());
  }
}
