package io.portal.proxy.nginx;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.portal.core.InvalidException;
import io.portal.core.model.Addresses;
import io.portal.core.model.Forwarder;
import io.portal.core.model.Netmask;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.ObservedService;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A service as a block of nginx's configuration. The comment that opens a block keeps what the
 * directives cannot tell; servers are read from their directives.
 *
 * @param id type, address and port
 * @param settings with a netmask in any case
 * @param servers in their order
 * @param exact false when what was read is not what would be written: somebody edited it
 */
record NginxService(
    ServiceId id,
    ServiceSettings settings,
    ImmutableMap<ServerId, ServerSettings> servers,
    boolean exact) {

  private static final String OPENING = "    # portal service ";
  private static final String CLOSING = "    # portal end ";

  private static final Pattern OPENING_LINE =
      Pattern.compile(
          Pattern.quote(OPENING) + "(\\S+) scheduler=(\\S+) persistence=(\\d{1,9}) netmask=(\\S+)");
  private static final Pattern SERVER_LINE = Pattern.compile("\\s+server (\\S+):(\\d{1,5})( .*)?;");
  private static final Pattern WEIGHT = Pattern.compile(" weight=(\\d{1,9})(?= |$)");
  private static final Pattern MAX_CONNS = Pattern.compile(" max_conns=(\\d{1,10})(?= |$)");

  NginxService(ServiceId id, ServiceSettings settings, Map<ServerId, ServerSettings> servers) {
    this(id, settings.withExplicitNetmask(id.addressBits()), ImmutableMap.copyOf(servers), true);
  }

  NginxService withSettings(ServiceSettings newSettings) {
    return new NginxService(id, newSettings, servers);
  }

  NginxService withServer(ServerId server, ServerSettings newSettings) {
    Map<ServerId, ServerSettings> changed = new LinkedHashMap<>(servers);
    changed.put(server, newSettings);
    return new NginxService(id, settings, changed);
  }

  NginxService withoutServer(ServerId server) {
    return new NginxService(
        id, settings, ImmutableMap.copyOf(Maps.filterKeys(servers, key -> !key.equals(server))));
  }

  ObservedService observed(boolean asWritten) {
    return new ObservedService(
        id,
        asWritten && exact ? Optional.of(settings) : Optional.empty(),
        ImmutableMap.copyOf(Maps.transformValues(servers, Optional::of)));
  }

  /** Whether that line opens a block. */
  static boolean opens(String line) {
    return line.startsWith(OPENING);
  }

  /** Whether that line ends a block. */
  static boolean closes(String line) {
    return line.startsWith(CLOSING);
  }

  /** The service of a block's first line. */
  static Optional<ServiceId> idOf(String openingLine) {
    Matcher opening = OPENING_LINE.matcher(openingLine);
    return opening.matches() ? ServiceId.parse(opening.group(1)) : Optional.empty();
  }

  /** Reads a block, as far as it can be understood. */
  static Optional<NginxService> parse(List<String> lines) {
    Matcher opening = OPENING_LINE.matcher(lines.get(0));
    if (!opening.matches()) {
      return Optional.empty();
    }
    try {
      ServiceId id = ServiceId.parse(opening.group(1)).orElseThrow(() -> new InvalidException(""));
      ServiceSettings settings =
          new ServiceSettings(
              Scheduler.parse(opening.group(2)),
              Duration.ofSeconds(Long.parseLong(opening.group(3))),
              Netmask.parse(opening.group(4), id.addressBits()));
      Map<ServerId, ServerSettings> servers = new LinkedHashMap<>();
      for (String line : lines) {
        Matcher server = SERVER_LINE.matcher(line);
        if (server.matches()) {
          servers.put(
              serverId(server), serverSettings(Objects.requireNonNullElse(server.group(3), "")));
        }
      }
      NginxService read = new NginxService(id, settings, servers);
      boolean exact =
          NginxRules.refuse(id.type(), settings) == null
              && read.render().equals(String.join("\n", lines) + "\n");
      return Optional.of(new NginxService(id, read.settings, read.servers, exact));
    } catch (InvalidException notOurs) {
      return Optional.empty();
    }
  }

  private static ServerId serverId(Matcher server) {
    String host = server.group(1);
    String literal = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new ServerId(Addresses.parse("host", literal), Integer.parseInt(server.group(2)));
  }

  private static ServerSettings serverSettings(String parameters) {
    Matcher weight = WEIGHT.matcher(parameters);
    Matcher limit = MAX_CONNS.matcher(parameters);
    boolean down = parameters.endsWith(" down");
    return new ServerSettings(
        Forwarder.MASQUERADING,
        down ? 0 : weight.find() ? Integer.parseInt(weight.group(1)) : 1,
        limit.find() ? Long.parseLong(limit.group(1)) : 0,
        0);
  }

  /** The block, as it is written. */
  String render() {
    String name = id.toString().replace(':', '_');
    InetAddress host = Objects.requireNonNull(id.host(), "tcp and udp have an address");
    StringBuilder text = new StringBuilder(256 + 64 * servers.size());
    text.append(OPENING).append(id);
    text.append(" scheduler=").append(settings.scheduler());
    text.append(" persistence=").append(settings.persistence().toSeconds());
    text.append(" netmask=").append(settings.netmask()).append('\n');
    if (!servers.isEmpty()) {
      text.append("    upstream ").append(name).append(" {\n");
      // Shared by the workers, or each would count for itself.
      text.append("        zone ").append(name).append(' ');
      text.append(64 + servers.size()).append("k;\n");
      String method = NginxRules.method(settings);
      if (!method.isEmpty()) {
        text.append("        ").append(method).append('\n');
      }
      servers.forEach((server, with) -> renderServer(text, server, with));
      text.append("    }\n");
    }
    text.append("    server {\n");
    text.append("        listen ").append(Addresses.socketText(host, (int) id.port()));
    // Without reuseport the datagrams of one client would reach different workers.
    text.append(id.type() == ServiceType.UDP ? " udp reuseport;\n" : " so_keepalive=on;\n");
    text.append("        proxy_timeout ").append(idle(id.type()).toSeconds()).append("s;\n");
    text.append("        proxy_connect_timeout 5s;\n");
    text.append(
        servers.isEmpty() ? "        return \"\";\n" : "        proxy_pass " + name + ";\n");
    text.append("    }\n");
    return text.append(CLOSING).append(id).append('\n').toString();
  }

  /** How long nothing may pass before a connection is given up; the kernel's own times. */
  private static Duration idle(ServiceType type) {
    return type == ServiceType.UDP ? Duration.ofMinutes(5) : Duration.ofMinutes(15);
  }

  private void renderServer(StringBuilder text, ServerId server, ServerSettings with) {
    text.append("        server ").append(Addresses.socketText(server.host(), server.port()));
    if (with.weight() > 1) {
      text.append(" weight=").append(with.weight());
    }
    if (with.upperThreshold() > 0) {
      text.append(" max_conns=").append(with.upperThreshold());
    }
    text.append(with.weight() == 0 ? " down;\n" : ";\n");
  }
}
