package io.portal.core.model;

import com.google.common.net.InetAddresses;
import io.portal.core.InvalidException;
import java.net.InetAddress;
import java.util.Optional;

/**
 * What a server is known by within its service. The text is {@code host-port}, as in {@code
 * 192_168_0_3-8080}.
 *
 * @param host the server's address
 * @param port 0 to 65535; with 0 the packet's own port stays
 */
public record ServerId(InetAddress host, int port) implements Comparable<ServerId> {

  private static final InetAddress LOOPBACK = InetAddresses.forString("127.0.0.1");

  /**
   * Checks the parts.
   *
   * @throws InvalidException if one is out of its range
   */
  public ServerId {
    if (host.isAnyLocalAddress() || host.isMulticastAddress()) {
      throw InvalidException.field("host", Addresses.text(host), "a unicast address");
    }
    if (port < 0 || port > 65535) {
      throw InvalidException.field("port", port, "0 (the packet's own) to 65535");
    }
  }

  /** The id of that text, in which an IPv6 address may be in brackets; empty if it is none. */
  public static Optional<ServerId> parse(String text) {
    int dash = text.lastIndexOf('-');
    if (dash < 1) {
      return Optional.empty();
    }
    String address = Addresses.withoutBrackets(text.substring(0, dash));
    String canonical = address + text.substring(dash);
    try {
      InetAddress host = ServiceId.parseIdAddress(address);
      if (host == null) {
        return Optional.empty();
      }
      return Optional.of(new ServerId(host, Integer.parseInt(text.substring(dash + 1))))
          .filter(id -> id.toString().equals(canonical));
    } catch (InvalidException | NumberFormatException none) {
      return Optional.empty();
    }
  }

  /**
   * The id within that service: the kernel cannot forward to loopback, so 127.0.0.1 means the
   * service's own address, if it has one.
   */
  public ServerId behind(ServiceId service) {
    InetAddress own = service.host();
    return own != null && service.type() != ServiceType.FWMARK && host.equals(LOOPBACK)
        ? new ServerId(own, port)
        : this;
  }

  /** By family, address, then port. */
  @Override
  public int compareTo(ServerId other) {
    int order = Addresses.compare(host, other.host);
    return order == 0 ? Integer.compare(port, other.port) : order;
  }

  /** Address and port as people write them, for messages: {@code 192.168.0.3:8080}. */
  public String display() {
    return Addresses.socketText(host, port);
  }

  @Override
  public String toString() {
    return Addresses.idText(host) + "-" + port;
  }
}
