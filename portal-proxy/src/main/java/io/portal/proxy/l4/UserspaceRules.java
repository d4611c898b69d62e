package io.portal.proxy.l4;

import io.portal.core.InvalidException;
import io.portal.core.model.Addresses;
import io.portal.core.model.Server;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.Tunnel;
import java.net.InetAddress;

/** What only the kernel can do, and the userspace balancer refuses. */
final class UserspaceRules {

  private static final String BALANCER = " with the userspace balancer: ";

  private UserspaceRules() {}

  /**
   * Checks settings and ports.
   *
   * @throws InvalidException naming the field, the value and why
   */
  static void check(Service service) {
    ServiceSettings settings = service.settings();
    if (!settings.flags().isEmpty()) {
      throw InvalidException.field(
          "flags",
          settings.flags().iterator().next(),
          "empty" + BALANCER + "they are for the kernel's schedulers");
    }
    if (settings.engine() != null) {
      throw InvalidException.field(
          "pe", settings.engine(), "empty" + BALANCER + "it does not read what it relays");
    }
    if (service.port() == 0) {
      throw InvalidException.field(
          "port", 0, "1 to 65535" + BALANCER + "it listens on one port for each service");
    }
    InetAddress host = service.host();
    if (host != null && host.isAnyLocalAddress()) {
      throw InvalidException.field(
          "host",
          Addresses.text(host),
          "a unicast address" + BALANCER + "it would take all others");
    }
    for (Server server : service.servers()) {
      check(server);
    }
  }

  private static void check(Server server) {
    if (server.port() == 0) {
      throw InvalidException.field(
          "port", 0, "1 to 65535" + BALANCER + "its connections to servers are its own");
    }
    Tunnel tunnel = server.settings().tunnel();
    if (!tunnel.equals(Tunnel.IPIP)) {
      throw InvalidException.field(
          "tunnel", tunnel.type(), "empty" + BALANCER + "it does not wrap packets");
    }
  }
}
