package io.portal.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.portal.core.InvalidException;
import io.portal.core.NotFoundException;
import io.portal.core.model.Addresses;
import io.portal.core.model.Forwarder;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceType;
import io.portal.core.model.Tunnel;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Servers: {@code id? host port forwarder weight upper_threshold lower_threshold tunnel?}, and
 * tunnel {@code type port? checksum?}. An empty object is refused as {@code No Server Found}.
 */
final class ServerJson extends ModelJson<Server> {

  private static final List<String> FIELDS =
      List.of(
          "id",
          "host",
          "port",
          "forwarder",
          "weight",
          "upper_threshold",
          "lower_threshold",
          "tunnel",
          "draining",
          "drain_until");

  private static final long MAX_THRESHOLD = 0xffffffffL;

  private final ServiceId service;
  private final boolean stored;

  ServerJson(ServiceId service, boolean stored) {
    this.service = service;
    this.stored = stored;
  }

  @Override
  public Server read(JsonObject object) {
    canonical(object);
    if (object.isEmpty()) {
      throw new InvalidException(String.valueOf(NotFoundException.server().getMessage()));
    }
    boolean allPorts = service.type() == ServiceType.FWMARK || service.port() == 0;
    int port =
        (int)
            object
                .whole("port", 0, 65535, "0 to 65535")
                .orElseGet(
                    () -> {
                      if (allPorts) {
                        return 0;
                      }
                      throw InvalidException.field("port", "", "1 to 65535");
                    });
    ServerId id = new ServerId(host(object), port);
    return new Server(
        stored ? id : id.behind(service), settings(object), ServiceJson.drainUntil(object));
  }

  /** Empty means the service's own address. */
  private InetAddress host(JsonObject object) {
    String host = object.string("host");
    @Nullable InetAddress own = service.host();
    if (host.isEmpty() && own != null && service.type() != ServiceType.FWMARK) {
      return own;
    }
    return Addresses.parse("host", host);
  }

  private static ServerSettings settings(JsonObject object) {
    String weights = "0 to " + ServerSettings.MAX_WEIGHT;
    return new ServerSettings(
        Forwarder.parse(object.string("forwarder")),
        (int) object.whole("weight", 0, ServerSettings.MAX_WEIGHT, weights).orElse(1),
        threshold(object, "upper_threshold"),
        threshold(object, "lower_threshold"),
        object.object("tunnel").map(ServerJson::tunnel).orElse(Tunnel.IPIP));
  }

  private static Tunnel tunnel(JsonObject object) {
    return new Tunnel(
        Tunnel.Type.parse(object.string("type")),
        (int) object.whole("port", 0, 65535, "1 to 65535 with gue").orElse(0),
        Tunnel.Checksum.parse(object.string("checksum")));
  }

  private static long threshold(JsonObject object, String name) {
    return object.whole(name, 0, MAX_THRESHOLD, "0 to " + MAX_THRESHOLD).orElse(0);
  }

  @Override
  public Server patched(Server server, JsonObject patch) {
    canonical(patch);
    Server patched = read(merged(server, patch));
    // A host that is not named is not mapped either: the stored one may be 127.0.0.1.
    ServerId id = patch.names("host") ? patched.id() : new ServerId(server.host(), patched.port());
    return new Server(id, patched.settings(), patched.drainUntil());
  }

  /** The first documentation wrote the thresholds' names without the underscore. */
  private static void canonical(JsonObject object) {
    object.rename("upperthreshold", "upper_threshold");
    object.rename("lowerthreshold", "lower_threshold");
  }

  @Override
  void checkFields(JsonObject object) {
    check(object);
  }

  /** Refuses a server's object that has a field no server has. */
  static void check(JsonObject object) {
    canonical(object);
    object.allow(FIELDS);
  }

  @Override
  public List<String> fields() {
    return FIELDS;
  }

  @Override
  public void write(JsonGenerator json, Server server) throws IOException {
    ServerSettings settings = server.settings();
    json.writeStartObject();
    json.writeStringField("id", server.id().toString());
    json.writeStringField("host", Addresses.text(server.host()));
    json.writeNumberField("port", server.port());
    json.writeStringField("forwarder", settings.forwarder().text());
    json.writeNumberField("weight", settings.weight());
    json.writeNumberField("upper_threshold", settings.upperThreshold());
    json.writeNumberField("lower_threshold", settings.lowerThreshold());
    writeTunnel(json, settings.tunnel());
    ServiceJson.writeDrain(json, server.drainUntil(), stored);
    json.writeEndObject();
  }

  /** Left out for the usual one. */
  private static void writeTunnel(JsonGenerator json, Tunnel tunnel) throws IOException {
    if (tunnel.equals(Tunnel.IPIP)) {
      return;
    }
    json.writeObjectFieldStart("tunnel");
    json.writeStringField("type", tunnel.type().text());
    if (tunnel.port() != 0) {
      json.writeNumberField("port", tunnel.port());
    }
    if (tunnel.checksum() != Tunnel.Checksum.NOCSUM) {
      json.writeStringField("checksum", tunnel.checksum().text());
    }
    json.writeEndObject();
  }
}
