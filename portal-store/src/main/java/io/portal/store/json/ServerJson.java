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
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Servers: {@code id? host port forwarder weight upper_threshold lower_threshold}. An empty object
 * is refused as {@code No Server Found}.
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
    boolean mark = service.type() == ServiceType.FWMARK;
    int port =
        (int)
            object
                .whole("port", mark ? 0 : 1, 65535, "1 to 65535")
                .orElseGet(
                    () -> {
                      if (mark) {
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
        threshold(object, "lower_threshold"));
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
    ServiceJson.writeDrain(json, server.drainUntil(), stored);
    json.writeEndObject();
  }
}
