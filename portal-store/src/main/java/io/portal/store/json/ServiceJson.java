package io.portal.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.portal.core.InvalidException;
import io.portal.core.model.Addresses;
import io.portal.core.model.Netmask;
import io.portal.core.model.PersistenceEngine;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceFlag;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Services: {@code id? host interface? port type scheduler persistence netmask flags? pe?
 * servers?}.
 */
final class ServiceJson extends ModelJson<Service> {

  private static final List<String> FIELDS =
      List.of(
          "id",
          "host",
          "interface",
          "port",
          "type",
          "scheduler",
          "persistence",
          "netmask",
          "flags",
          "pe",
          "servers",
          "draining",
          "drain_until");

  private static final long MAX_MARK = 0xffffffffL;

  private final Function<String, InetAddress> firstAddress;
  private final boolean stored;

  ServiceJson(Function<String, InetAddress> firstAddress, boolean stored) {
    this.firstAddress = firstAddress;
    this.stored = stored;
  }

  @Override
  public Service read(JsonObject object) {
    ServiceType type = ServiceType.parse(object.string("type"));
    String interfaceName = object.string("interface");
    ServiceId id = new ServiceId(type, host(object, type, interfaceName), port(object, type));
    ServerJson serverJson = new ServerJson(id, stored);
    List<Server> servers = new ArrayList<>();
    for (JsonObject server : object.objects("servers")) {
      servers.add(serverJson.read(server));
    }
    return new Service(
        id,
        interfaceName.isEmpty() ? null : interfaceName,
        settings(object, id.addressBits()),
        servers,
        drainUntil(object));
  }

  /**
   * What the patch does not name stays as it is stored: the host too, though the interface's first
   * address may be another one by now.
   */
  @Override
  public Service patched(Service service, JsonObject patch) {
    String interfaceName = service.interfaceName();
    InetAddress host = service.host();
    Function<String, InetAddress> first = firstAddress;
    if (interfaceName != null && host != null && !patch.names("interface")) {
      String wanted = patch.string("host");
      if (patch.names("host") && !wanted.equals(Addresses.text(host))) {
        throw InvalidException.field(
            "host", wanted, "left to the interface, " + interfaceName + ", or that set to null");
      }
      first = name -> host;
    }
    boolean newServers = patch.names("servers");
    Service base = newServers ? service : service.withServers(List.of());
    Service patched = new ServiceJson(first, stored).read(merged(base, patch));
    return newServers ? patched : patched.withServers(service.servers());
  }

  private @Nullable InetAddress host(JsonObject object, ServiceType type, String interfaceName) {
    if (!interfaceName.isEmpty() && !stored && type != ServiceType.FWMARK) {
      return firstAddress.apply(interfaceName);
    }
    String host = object.string("host");
    return host.isEmpty() ? null : Addresses.parse("host", host);
  }

  private static long port(JsonObject object, ServiceType type) {
    boolean mark = type == ServiceType.FWMARK;
    String allowed = mark ? "a mark of 1 to " + MAX_MARK + " with type fwmark" : "1 to 65535";
    return object
        .whole("port", mark ? 1 : 0, mark ? MAX_MARK : 65535, allowed)
        .orElseThrow(() -> InvalidException.field("port", "", allowed));
  }

  private static ServiceSettings settings(JsonObject object, int addressBits) {
    long longest = ServiceSettings.MAX_PERSISTENCE.toSeconds();
    String netmask = object.string("netmask");
    Set<ServiceFlag> flags = EnumSet.noneOf(ServiceFlag.class);
    object.strings("flags").forEach(flag -> flags.add(ServiceFlag.parse(flag)));
    String engine = object.string("pe");
    return new ServiceSettings(
        Scheduler.parse(object.string("scheduler")),
        Duration.ofSeconds(
            object.whole("persistence", 0, longest, "0 to " + longest + " seconds").orElse(0)),
        netmask.isEmpty() ? null : Netmask.parse(netmask, addressBits),
        flags,
        engine.isEmpty() ? null : PersistenceEngine.parse(engine));
  }

  /**
   * The end of the drain of a service or server, absent where there is none: a list that is written
   * back as it was read keeps its drains.
   */
  static @Nullable Instant drainUntil(JsonObject object) {
    if (!object.flag("draining").orElse(true)) {
      return null;
    }
    String time = object.string("drain_until");
    try {
      return time.isEmpty() ? null : Instant.parse(time);
    } catch (DateTimeParseException e) {
      throw InvalidException.field("drain_until", time, "an instant such as 2026-01-02T03:04:05Z");
    }
  }

  static void writeDrain(JsonGenerator json, @Nullable Instant until, boolean stored)
      throws IOException {
    if (until == null) {
      return;
    }
    if (!stored) {
      json.writeBooleanField("draining", true);
    }
    json.writeStringField("drain_until", until.toString());
  }

  /** What few services have is left out where there is none. */
  private static void writeTraits(JsonGenerator json, ServiceSettings settings) throws IOException {
    if (!settings.flags().isEmpty()) {
      json.writeArrayFieldStart("flags");
      for (ServiceFlag flag : settings.flags()) {
        json.writeString(flag.text());
      }
      json.writeEndArray();
    }
    PersistenceEngine engine = settings.engine();
    if (engine != null) {
      json.writeStringField("pe", engine.text());
    }
  }

  @Override
  public List<String> fields() {
    return FIELDS;
  }

  @Override
  void checkFields(JsonObject object) {
    super.checkFields(object);
    object.objects("servers").forEach(ServerJson::check);
  }

  @Override
  public void write(JsonGenerator json, Service service) throws IOException {
    ServiceSettings settings = service.settings();
    Netmask netmask = settings.netmask();
    InetAddress host = service.host();
    json.writeStartObject();
    json.writeStringField("id", service.id().toString());
    json.writeStringField("host", host == null ? "" : Addresses.text(host));
    if (service.interfaceName() != null) {
      json.writeStringField("interface", service.interfaceName());
    }
    json.writeNumberField("port", service.port());
    json.writeStringField("type", service.type().text());
    json.writeStringField("scheduler", settings.scheduler().text());
    json.writeNumberField("persistence", settings.persistence().toSeconds());
    json.writeStringField("netmask", netmask == null ? "" : netmask.toString());
    writeTraits(json, settings);
    if (!service.servers().isEmpty()) {
      ServerJson serverJson = new ServerJson(service.id(), stored);
      json.writeArrayFieldStart("servers");
      for (Server server : service.servers()) {
        serverJson.write(json, server);
      }
      json.writeEndArray();
    }
    writeDrain(json, service.drainUntil(), stored);
    json.writeEndObject();
  }
}
