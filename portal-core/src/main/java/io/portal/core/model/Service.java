package io.portal.core.model;

import io.portal.core.InvalidException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A service: an address that clients connect to, and the servers behind it. Immutable.
 *
 * @param id type, address and port
 * @param interfaceName interface or alias whose first address is the service's; null for none
 * @param settings scheduler, persistence and netmask
 * @param servers in the order given; of servers with the same id the last one counts
 * @param drainUntil when a service that is being removed goes at the latest; null while it is not
 *     being removed
 */
public record Service(
    ServiceId id,
    @Nullable String interfaceName,
    ServiceSettings settings,
    List<Server> servers,
    @Nullable Instant drainUntil) {

  /**
   * Checks that the servers fit the service.
   *
   * @throws InvalidException if a server's port does not fit its forwarder, its address family does
   *     not fit, the netmask is of another family, or a flag, the persistence engine or port 0 does
   *     not fit the type or persistence
   */
  public Service {
    if (interfaceName != null && interfaceName.isEmpty()) {
      interfaceName = null;
    }
    Netmask netmask = settings.netmask();
    if (netmask != null && netmask.bits() != id.addressBits()) {
      throw InvalidException.field(
          "netmask", netmask, id.ipv6() ? "an IPv6 prefix length" : "a dotted IPv4 mask");
    }
    Map<ServerId, Server> unique = new LinkedHashMap<>();
    checkSettings(id, settings);
    for (Server server : servers) {
      checkServer(id, server);
      unique.put(server.id(), server);
    }
    servers = List.copyOf(unique.values());
  }

  /** A service that is not being removed. */
  public Service(ServiceId id, ServiceSettings settings, List<Server> servers) {
    this(id, null, settings, servers, null);
  }

  private static void checkSettings(ServiceId id, ServiceSettings settings) {
    boolean mark = id.type() == ServiceType.FWMARK;
    boolean datagrams = mark || id.type() == ServiceType.UDP;
    if (id.port() == 0 && settings.persistence().isZero()) {
      throw InvalidException.field("port", 0, "1 to 65535, or 0 (all ports) with persistence");
    }
    if (settings.flags().contains(ServiceFlag.OPS) && !datagrams) {
      throw InvalidException.field(
          "flags", ServiceFlag.OPS, "one that fits: ops is for types udp and fwmark");
    }
    if (settings.engine() != null && !datagrams) {
      throw InvalidException.field(
          "pe", settings.engine(), "empty with type " + id.type() + ": sip is read from udp");
    }
  }

  private static void checkServer(ServiceId id, Server server) {
    Forwarder forwarder = server.settings().forwarder();
    boolean mark = id.type() == ServiceType.FWMARK;
    if (!mark && forwarder != Forwarder.MASQUERADING && server.port() != id.port()) {
      throw new InvalidException(
          "Invalid Server Port for Forwarder - '"
              + server.port()
              + "': with forwarder "
              + forwarder
              + " the packet is not rewritten, so the port must be the service's, "
              + id.port());
    }
    boolean sameFamily = Addresses.bits(server.host()) == id.addressBits();
    if (!sameFamily && forwarder != Forwarder.TUNNEL) {
      throw InvalidException.field(
          "host",
          Addresses.text(server.host()),
          "an address of the service's family, unless the forwarder is i (tunnel)");
    }
  }

  /** The address; null for a firewall mark over IPv4. */
  public @Nullable InetAddress host() {
    return id.host();
  }

  /** The port, or the firewall mark. */
  public long port() {
    return id.port();
  }

  /** The protocol, or firewall mark. */
  public ServiceType type() {
    return id.type();
  }

  /** Whether the service is being removed. */
  public boolean draining() {
    return drainUntil != null;
  }

  /**
   * What a balancer should hold of that server: its settings, with weight 0 while it or all drains.
   */
  public ServerSettings effectiveSettings(Server server) {
    return draining() || server.draining() ? server.settings().withWeight(0) : server.settings();
  }

  /** The server of that id, if there is one. */
  public Optional<Server> server(ServerId serverId) {
    return servers.stream().filter(server -> server.id().equals(serverId)).findFirst();
  }

  /** This service with other servers. */
  public Service withServers(List<Server> newServers) {
    return new Service(id, interfaceName, settings, newServers, drainUntil);
  }

  /** This service with that server: in the place of the one with its id, else as the last. */
  public Service withServer(Server server) {
    List<Server> changed = new ArrayList<>(servers);
    changed.add(server);
    return withServers(changed);
  }

  /** This service without the server of that id. */
  public Service withoutServer(ServerId serverId) {
    return withServers(servers.stream().filter(s -> !s.id().equals(serverId)).toList());
  }

  /** This service under another id, as when the address of its interface changed. */
  public Service withId(ServiceId newId) {
    return new Service(newId, interfaceName, settings, servers, drainUntil);
  }

  /** This service, leaving at that time at the latest; null calls it off. */
  public Service withDrainUntil(@Nullable Instant time) {
    return new Service(id, interfaceName, settings, servers, time);
  }
}
