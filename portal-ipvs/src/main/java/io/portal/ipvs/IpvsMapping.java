package io.portal.ipvs;

import io.portal.core.model.Forwarder;
import io.portal.core.model.Netmask;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
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
        Set.of(),
        settings.persistence().isZero() ? null : settings.persistence(),
        netmask == null
            ? IpvsNetmask.full(key.family())
            : IpvsNetmask.prefix(key.family(), netmask.prefixLength()),
        null);
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
        IpvsTunnel.IPIP);
  }

  /** The id; empty for what portal cannot name: another protocol, all ports, an odd address. */
  static Optional<ServiceId> id(IpvsKey key) {
    if (key instanceof IpvsKey.Mark mark) {
      InetAddress host = mark.family() == IpvsFamily.IPV6 ? anyIpv6() : null;
      return Optional.of(new ServiceId(ServiceType.FWMARK, host, mark.mark()));
    }
    IpvsKey.Socket socket = (IpvsKey.Socket) key;
    ServiceType type = type(socket.protocol());
    InetAddress address = socket.address();
    if (type == null
        || socket.port() == 0
        || address.isAnyLocalAddress()
        || address.isMulticastAddress()) {
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
    OptionalInt prefix = service.netmask().prefixLength();
    Duration persistence = service.persistence() == null ? Duration.ZERO : service.persistence();
    if (scheduler == null
        || !service.flags().isEmpty()
        || service.persistenceEngine() != null
        || persistence.compareTo(ServiceSettings.MAX_PERSISTENCE) > 0
        || (service.persistence() != null && persistence.isZero())) {
      return Optional.empty();
    }
    if (service.persistence() == null) {
      // Without persistence the kernel keeps a netmask but does nothing with it.
      prefix =
          prefix.isPresent() && prefix.getAsInt() > 0
              ? prefix
              : OptionalInt.of(service.netmask().family().bits());
    }
    if (prefix.isEmpty() || prefix.getAsInt() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new ServiceSettings(
            scheduler,
            persistence,
            new Netmask(prefix.getAsInt(), service.netmask().family().bits())));
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
          case TUNNEL ->
              destination.tunnel().type() == IpvsTunnel.Type.IPIP ? Forwarder.TUNNEL : null;
          case LOCAL, BYPASS, OTHER -> null;
        };
    if (forwarder == null
        || destination.weight() > ServerSettings.MAX_WEIGHT
        || destination.lowerThreshold() > destination.upperThreshold()) {
      return Optional.empty();
    }
    return Optional.of(
        new ServerSettings(
            forwarder,
            destination.weight(),
            destination.upperThreshold(),
            destination.lowerThreshold()));
  }

  private static InetAddress anyIpv6() {
    try {
      return Inet6Address.getByAddress(new byte[16]);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("the unspecified address is none", e);
    }
  }
}
