package io.portal.core.port;

import io.portal.core.model.Addresses;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a packet filter lets in.
 *
 * @param type tcp, udp or sctp
 * @param address the packets' destination; null for any
 * @param port the packets' destination port, 1 to 65535; {@link #ALL_PORTS} with an address only
 */
public record Opening(ServiceType type, @Nullable InetAddress address, int port) {

  /** Stands for all ports of an address. */
  public static final int ALL_PORTS = 0;

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException for a firewall mark, or a port that is none
   */
  public Opening {
    if (type == ServiceType.FWMARK || port < (address == null ? 1 : ALL_PORTS) || port > 65535) {
      throw new IllegalArgumentException("no opening: " + type + " " + port);
    }
  }

  /**
   * What a service needs; empty for a firewall mark, whose packets are chosen, and so let in, by
   * the rules that mark them.
   */
  public static Optional<Opening> of(ServiceId service) {
    return service.type() == ServiceType.FWMARK
        ? Optional.empty()
        : Optional.of(new Opening(service.type(), service.host(), (int) service.port()));
  }

  /** What a TCP listener needs. */
  public static Opening of(InetSocketAddress listener) {
    InetAddress address = listener.getAddress();
    return new Opening(
        ServiceType.TCP, address.isAnyLocalAddress() ? null : address, listener.getPort());
  }

  @Override
  public String toString() {
    return type + " " + (address == null ? "*" : Addresses.text(address)) + " " + port;
  }
}
