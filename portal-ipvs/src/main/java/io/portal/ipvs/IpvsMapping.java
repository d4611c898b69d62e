package io.portal.ipvs;

import io.portal.core.model.Forwarder;
import io.portal.core.model.Netmask;
import io.portal.core.model.PersistenceEngine;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceFlag;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.model.Tunnel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Between portal's model and the kernel's, which is wider: settings that portal never asks for come
 * out empty, keys that it cannot name too.
 */
final class IpvsMapping {

  private static final Map<String, Scheduler> SCHEDULERS = new HashMap<>();

  static {
    for (Scheduler scheduler : Scheduler.values()) {
      SCHEDULERS.put(scheduler.text(), scheduler);
    }
  }

  private IpvsMapping() {}

  static IpvsKey key(ServiceId id) {
    InetAddress host = id.host();
    if (id.type() == ServiceType.FWMARK || host == null) {
      return new IpvsKey.Mark(id.ipv6() ? IpvsFamily.IPV6 : IpvsFamily.IPV4, id.port());
    }
    return new IpvsKey.Socket(protocol(id.type()), host, (int) id.port());
  }

  private static IpvsProtocol protocol(ServiceType type) {
    return switch (type) {
      case TCP -> IpvsProtocol.TCP;
      case UDP -> IpvsProtocol.UDP;
      case SCTP -> IpvsProtocol.SCTP;
      case FWMARK -> throw new IllegalArgumentException("a firewall mark has no protocol");
    };
  }

  static IpvsService service(ServiceId id, ServiceSettings settings) {
    Netmask netmask = settings.withExplicitNetmask(id.addressBits()).netmask();
    IpvsKey key = key(id);
    return new IpvsService(
        key,
        settings.scheduler().text(),
        flags(settings.flags()),
        settings.persistence().isZero() ? null : settings.persistence(),
        netmask == null
            ? IpvsNetmask.full(key.family())
            : new IpvsNetmask(key.family(), (int) netmask.value()),
        settings.engine() == null ? null : settings.engine().text());
  }

  private static Set<IpvsFlag> flags(Set<ServiceFlag> flags) {
    if (flags.isEmpty()) {
      return Set.of();
    }
    Set<IpvsFlag> wire = EnumSet.noneOf(IpvsFlag.class);
    for (ServiceFlag flag : flags) {
      wire.add(
          switch (flag) {
            case OPS -> IpvsFlag.ONE_PACKET;
            case SH_PORT, MH_PORT -> IpvsFlag.HASH_PORT;
            case SH_FALLBACK, MH_FALLBACK -> IpvsFlag.FALLBACK;
          });
    }
    return wire;
  }

  static IpvsDestination destination(ServerId id, ServerSettings settings) {
    return new IpvsDestination(
        id.host(),
        id.port(),
        switch (settings.forwarder()) {
          case GATEWAYING -> IpvsForwarder.DIRECT_ROUTE;
          case TUNNEL -> IpvsForwarder.TUNNEL;
          case MASQUERADING -> IpvsForwarder.MASQUERADE;
        },
        settings.weight(),
        settings.upperThreshold(),
        settings.lowerThreshold(),
        tunnel(settings.tunnel()));
  }

  private static IpvsTunnel tunnel(Tunnel tunnel) {
    return tunnel.equals(Tunnel.IPIP)
        ? IpvsTunnel.IPIP
        : new IpvsTunnel(
            IpvsTunnel.Type.valueOf(tunnel.type().name()),
            tunnel.port(),
            switch (tunnel.checksum()) {
              case NOCSUM -> IpvsTunnel.Checksum.NONE;
              case CSUM -> IpvsTunnel.Checksum.FULL;
              case REMCSUM -> IpvsTunnel.Checksum.REMOTE;
            });
  }

  /** The id; empty for what portal cannot name: another protocol, a multicast address. */
  static Optional<ServiceId> id(IpvsKey key) {
    if (key instanceof IpvsKey.Mark mark) {
      InetAddress host = mark.family() == IpvsFamily.IPV6 ? anyIpv6() : null;
      return Optional.of(new ServiceId(ServiceType.FWMARK, host, mark.mark()));
    }
    IpvsKey.Socket socket = (IpvsKey.Socket) key;
    ServiceType type = type(socket.protocol());
    InetAddress address = socket.address();
    if (type == null || address.isMulticastAddress()) {
      return Optional.empty();
    }
    return Optional.of(new ServiceId(type, address, socket.port()));
  }

  private static @Nullable ServiceType type(IpvsProtocol protocol) {
    return switch (protocol) {
      case TCP -> ServiceType.TCP;
      case UDP -> ServiceType.UDP;
      case SCTP -> ServiceType.SCTP;
      case OTHER -> null;
    };
  }

  static Optional<ServiceSettings> settings(IpvsService service) {
    Scheduler scheduler = SCHEDULERS.get(service.scheduler());
    IpvsNetmask netmask = service.netmask();
    Duration persistence = service.persistence() == null ? Duration.ZERO : service.persistence();
    if (scheduler == null
        || persistence.compareTo(ServiceSettings.MAX_PERSISTENCE) > 0
        || (service.persistence() != null && persistence.isZero())) {
      return Optional.empty();
    }
    Optional<Set<ServiceFlag>> flags = flags(service.flags(), scheduler);
    Optional<PersistenceEngine> engine = engine(service.persistenceEngine());
    boolean engineUnknown = engine.isEmpty() && service.persistenceEngine() != null;
    boolean engineIdle = engine.isPresent() && persistence.isZero();
    boolean noNetmask = netmask.family() == IpvsFamily.IPV6 && netmask.value() == 0;
    if (flags.isEmpty() || engineUnknown || engineIdle || noNetmask) {
      return Optional.empty();
    }
    long mask =
        netmask.family() == IpvsFamily.IPV4
            ? Integer.toUnsignedLong(netmask.value())
            : netmask.value();
    return Optional.of(
        new ServiceSettings(
            scheduler,
            persistence,
            new Netmask(netmask.family().bits(), mask),
            flags.get(),
            engine.orElse(null)));
  }

  /** Empty if a flag means nothing to the scheduler. */
  private static Optional<Set<ServiceFlag>> flags(Set<IpvsFlag> wire, Scheduler scheduler) {
    if (wire.isEmpty()) {
      return Optional.of(Set.of());
    }
    Set<ServiceFlag> flags = EnumSet.noneOf(ServiceFlag.class);
    for (IpvsFlag flag : wire) {
      ServiceFlag known =
          switch (flag) {
            case ONE_PACKET -> ServiceFlag.OPS;
            case HASH_PORT -> of(scheduler, ServiceFlag.SH_PORT, ServiceFlag.MH_PORT);
            case FALLBACK -> of(scheduler, ServiceFlag.SH_FALLBACK, ServiceFlag.MH_FALLBACK);
            case SCHEDULER_3 -> null;
          };
      if (known == null) {
        return Optional.empty();
      }
      flags.add(known);
    }
    return Optional.of(flags);
  }

  private static @Nullable ServiceFlag of(Scheduler scheduler, ServiceFlag sh, ServiceFlag mh) {
    return switch (scheduler) {
      case SH -> sh;
      case MH -> mh;
      default -> null;
    };
  }

  private static Optional<PersistenceEngine> engine(@Nullable String name) {
    for (PersistenceEngine engine : PersistenceEngine.values()) {
      if (engine.text().equals(name)) {
        return Optional.of(engine);
      }
    }
    return Optional.empty();
  }

  /** The id; empty for an address that no server of portal has. */
  static Optional<ServerId> id(IpvsDestination destination) {
    InetAddress address = destination.address();
    return address.isAnyLocalAddress() || address.isMulticastAddress()
        ? Optional.empty()
        : Optional.of(new ServerId(address, destination.port()));
  }

  static Optional<ServerSettings> settings(IpvsDestination destination) {
    Forwarder forwarder =
        switch (destination.forwarder()) {
          case MASQUERADE -> Forwarder.MASQUERADING;
          case DIRECT_ROUTE -> Forwarder.GATEWAYING;
          case TUNNEL -> Forwarder.TUNNEL;
          case LOCAL, BYPASS, OTHER -> null;
        };
    Optional<Tunnel> tunnel =
        forwarder == Forwarder.TUNNEL ? tunnel(destination.tunnel()) : Optional.of(Tunnel.IPIP);
    if (forwarder == null
        || tunnel.isEmpty()
        || destination.weight() > ServerSettings.MAX_WEIGHT
        || destination.lowerThreshold() > destination.upperThreshold()) {
      return Optional.empty();
    }
    return Optional.of(
        new ServerSettings(
            forwarder,
            destination.weight(),
            destination.upperThreshold(),
            destination.lowerThreshold(),
            tunnel.get()));
  }

  private static Optional<Tunnel> tunnel(IpvsTunnel tunnel) {
    Tunnel.Type type =
        switch (tunnel.type()) {
          case IPIP -> Tunnel.Type.IPIP;
          case GUE -> Tunnel.Type.GUE;
          case GRE -> Tunnel.Type.GRE;
          case OTHER -> null;
        };
    if (type == null
        || (type == Tunnel.Type.GRE && tunnel.checksum() == IpvsTunnel.Checksum.REMOTE)) {
      return Optional.empty();
    }
    return Optional.of(
        new Tunnel(
            type,
            tunnel.port(),
            switch (tunnel.checksum()) {
              case NONE -> Tunnel.Checksum.NOCSUM;
              case FULL -> Tunnel.Checksum.CSUM;
              case REMOTE -> Tunnel.Checksum.REMCSUM;
            }));
  }

  private static InetAddress anyIpv6() {
    try {
      return Inet6Address.getByAddress(new byte[16]);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("the unspecified address is none", e);
    }
  }
}
