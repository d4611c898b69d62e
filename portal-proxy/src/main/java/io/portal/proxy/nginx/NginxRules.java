package io.portal.proxy.nginx;

import io.portal.core.model.Addresses;
import io.portal.core.model.Forwarder;
import io.portal.core.model.Netmask;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What nginx's stream module (open source) can do of what portal offers, and by which directive;
 * docs/nginx.md shows it as a table. Source: ngx_stream_upstream_module, nginx.org.
 */
final class NginxRules {

  /** A ring of {@code hash consistent} has 160 points for each unit of weight, 16 bytes each. */
  private static final int MAX_RING_WEIGHT = 1000;

  private NginxRules() {}

  /** A field that cannot be had, and why. */
  record Refusal(String field, Object value, String allowed) {
    @Override
    public String toString() {
      return field + " '" + value + "' must be " + allowed;
    }
  }

  /** Why a service of that id cannot be had; null if it can. */
  static @Nullable Refusal refuse(ServiceId service) {
    if (service.type() != ServiceType.FWMARK && service.port() == 0) {
      return new Refusal(
          "port", 0, "1 to 65535 with the nginx balancer: nginx listens on single ports");
    }
    InetAddress host = service.host();
    return host == null || !host.isAnyLocalAddress()
        ? null
        : new Refusal(
            "host",
            Addresses.text(host),
            "a unicast address with the nginx balancer: nginx would take all others");
  }

  /** Why a server of that id cannot be had; null if it can. */
  static @Nullable Refusal refuse(ServerId server) {
    return server.port() != 0
        ? null
        : new Refusal("port", 0, "1 to 65535 with the nginx balancer: nginx connects to one port");
  }

  /** Why such a service cannot be had; null if it can. */
  static @Nullable Refusal refuse(ServiceType type, ServiceSettings settings) {
    if (type == ServiceType.SCTP || type == ServiceType.FWMARK) {
      return new Refusal(
          "type",
          type,
          "tcp or udp with the nginx balancer: nginx "
              + (type == ServiceType.SCTP ? "does not speak sctp" : "does not see firewall marks"));
    }
    Scheduler scheduler = settings.scheduler();
    if (scheduler == Scheduler.FO || scheduler == Scheduler.OVF) {
      return new Refusal(
          "scheduler",
          scheduler,
          "one of rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq, mh, twos with the nginx balancer:"
              + " nginx does not choose by the greatest weight");
    }
    if (!settings.flags().isEmpty()) {
      return new Refusal(
          "flags",
          settings.flags().iterator().next(),
          "empty with the nginx balancer: they are for the kernel's schedulers");
    }
    if (settings.engine() != null) {
      return new Refusal(
          "pe", settings.engine(), "empty with the nginx balancer: nginx does not read it");
    }
    Netmask netmask = settings.netmask();
    if (!settings.persistence().isZero() && netmask != null && leadingBytes(netmask) == 0) {
      return new Refusal(
          "netmask",
          netmask,
          "of whole bytes with the nginx balancer: nginx groups clients by bytes of their address");
    }
    return null;
  }

  /** Why such a server cannot be had behind a service of those settings; null if it can. */
  static @Nullable Refusal refuse(ServiceSettings service, ServerSettings server) {
    if (server.forwarder() != Forwarder.MASQUERADING) {
      return new Refusal(
          "forwarder",
          server.forwarder(),
          "m with the nginx balancer: nginx relays connections and cannot pass packets on");
    }
    if (server.lowerThreshold() != 0) {
      return new Refusal(
          "lower_threshold",
          server.lowerThreshold(),
          "0 with the nginx balancer: nginx only knows an upper one");
    }
    if (ring(service) && server.weight() > MAX_RING_WEIGHT) {
      return new Refusal(
          "weight",
          server.weight(),
          "0 to "
              + MAX_RING_WEIGHT
              + " with scheduler "
              + service.scheduler()
              + " and the nginx balancer: nginx's consistent hashing takes memory for each unit");
    }
    return null;
  }

  private static boolean ring(ServiceSettings settings) {
    return settings.persistence().isZero()
        && (settings.scheduler() == Scheduler.SH || settings.scheduler() == Scheduler.MH);
  }

  /** The directive that chooses a server; empty for nginx's default, round robin by weight. */
  static String method(ServiceSettings settings) {
    if (!settings.persistence().isZero()) {
      int bytes = groupBytes(settings);
      return "hash " + (bytes == 0 ? "$remote_addr" : "$" + groupName(bytes)) + ";";
    }
    return switch (settings.scheduler()) {
      case RR, WRR -> "";
      case LC, WLC, LBLC, LBLCR, SED, NQ -> "least_conn;";
      case SH, MH -> "hash $remote_addr consistent;";
      case DH -> "hash $server_addr;";
      case TWOS -> "random two least_conn;";
      case FO, OVF ->
          throw new IllegalArgumentException("no directive for " + settings.scheduler());
    };
  }

  /** Leading bytes of the client's address by which persistence groups; 0 for all of them. */
  static int groupBytes(ServiceSettings settings) {
    Netmask netmask = settings.netmask();
    return settings.persistence().isZero()
            || netmask == null
            || netmask.equals(Netmask.full(netmask.bits()))
        ? 0
        : leadingBytes(netmask);
  }

  /** How many leading bytes the mask keeps whole; 0 if it keeps none, or other bits. */
  private static int leadingBytes(Netmask netmask) {
    int prefix = netmask.prefixLength().orElse(1);
    return prefix % 8 == 0 ? prefix / 8 : 0;
  }

  /** The variable that holds so many leading bytes of the client's address. */
  static String groupName(int bytes) {
    return "portal_client_" + bytes;
  }
}
