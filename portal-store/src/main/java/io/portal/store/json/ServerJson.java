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
import org.jspecify.annotations.Nullable;

/**
 * Servers: {@code id? host port forwarder weight upper_threshold lower_threshold}. An empty object
 * is refused as {@code No Server Found}.
 */
final class ServerJson extends ModelJson<Server> {

  private static final long MAX_THRESHOLD = 0xffffffffL;

  private final ServiceId service;
  private final boolean stored;

  ServerJson(ServiceId service, boolean stored) {
    this.service = service;
    this.stored = stored;
  }

  @Override
  public Server read(JsonObject object) {
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
    return new Server(
        new ServerId(host(object), port), settings(object), ServiceJson.drainUntil(object));
  }

  /** The kernel cannot forward to loopback, so what names it means the service's own address. */
  private InetAddress host(JsonObject object) {
    String host = object.string("host");
    @Nullable InetAddress own = service.host();
    boolean meansService = host.isEmpty() || host.equals("127.0.0.1") && !stored;
    if (meansService && own != null && service.type() != ServiceType.FWMARK) {
      return own;
    }
    return Addresses.parse("host", host);
  }

  private static ServerSettings settings(JsonObject object) {
    String weights = "0 to " + ServerSettings.MAX_WEIGHT;
    return new ServerSettings(
        Forwarder.parse(object.string("forwarder")),
        (int) object.whole("weight", 0, ServerSettings.MAX_WEIGHT, weights).orElse(1),
        threshold(object, "upper_threshold", "upperthreshold"),
        threshold(object, "lower_threshold", "lowerthreshold"));
  }

  private static long threshold(JsonObject object, String name, String oldName) {
    return object
        .whole(object.has(name) ? name : oldName, 0, MAX_THRESHOLD, "0 to " + MAX_THRESHOLD)
        .orElse(0);
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
