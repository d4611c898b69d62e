package io.portal.core.model;

import com.google.common.net.InetAddresses;
import io.portal.core.InvalidException;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a service is known by. The text is {@code type-host-port}, as in {@code tcp-127_0_0_3-80},
 * {@code tcp-2001:db8::3-80} or {@code fwmark--7}.
 *
 * @param type protocol or firewall mark
 * @param host the address the service is bound to, where {@code 0.0.0.0} is, as for the kernel,
 *     that very address and not all of them; null for a firewall mark over IPv4, and {@code ::} for
 *     one over IPv6
 * @param port 0 to 65535, where 0 stands for all ports; the mark, 1 to 2^32-1, for a firewall mark
 */
public record ServiceId(ServiceType type, @Nullable InetAddress host, long port)
    implements Comparable<ServiceId> {

  /**
   * Checks the parts.
   *
   * @throws InvalidException if one is out of its range
   */
  public ServiceId {
    if (type == ServiceType.FWMARK) {
      if (host != null && !host.isAnyLocalAddress()) {
        throw InvalidException.field(
            "host", Addresses.text(host), "empty with type fwmark (or :: for IPv6)");
      }
      if (host != null && Addresses.bits(host) == 32) {
        host = null;
      }
      if (port < 1 || port > 0xffffffffL) {
        throw InvalidException.field("port", port, "a mark of 1 to 4294967295 with type fwmark");
      }
    } else {
      if (host == null) {
        throw InvalidException.field("host", "", "an IPv4 or IPv6 address");
      }
      if (host.isMulticastAddress()) {
        throw InvalidException.field("host", Addresses.text(host), "a unicast address");
      }
      if (port < 0 || port > 65535) {
        throw InvalidException.field("port", port, "0 (all ports, with persistence) to 65535");
      }
    }
  }

  /** The id of that text, in which an IPv6 address may be in brackets; empty if it is none. */
  public static Optional<ServiceId> parse(String text) {
    int first = text.indexOf('-');
    int last = text.lastIndexOf('-');
    if (first < 0 || first == last) {
      return Optional.empty();
    }
    String address = Addresses.withoutBrackets(text.substring(first + 1, last));
    String canonical = text.substring(0, first + 1) + address + text.substring(last);
    try {
      ServiceType type = ServiceType.parse(text.substring(0, first));
      long port = Long.parseLong(text.substring(last + 1));
      return Optional.of(new ServiceId(type, parseIdAddress(address), port))
          .filter(id -> id.toString().equals(canonical));
    } catch (InvalidException | NumberFormatException none) {
      return Optional.empty();
    }
  }

  static @Nullable InetAddress parseIdAddress(String text) {
    if (text.isEmpty()) {
      return null;
    }
    String literal = text.indexOf(':') < 0 ? text.replace('_', '.') : text;
    if (!InetAddresses.isInetAddress(literal)) {
      throw InvalidException.field("host", text, "an IPv4 or IPv6 address");
    }
    return Addresses.ofLiteral(literal);
  }

  /** Whether the service is of IPv6; a firewall mark without host is of IPv4. */
  public boolean ipv6() {
    return host != null && Addresses.bits(host) == 128;
  }

  /** Bits of this service's address family: 32 or 128. */
  public int addressBits() {
    return ipv6() ? 128 : 32;
  }

  /** By type, then family and address, then port. */
  @Override
  public int compareTo(ServiceId other) {
    int order = type.compareTo(other.type);
    if (order == 0) {
      order = Boolean.compare(host != null, other.host != null);
    }
    if (order == 0 && host != null && other.host != null) {
      order = Addresses.compare(host, other.host);
    }
    return order == 0 ? Long.compare(port, other.port) : order;
  }

  /** The id with the address as people write it, for messages: {@code tcp-10.0.0.1-80}. */
  public String display() {
    return type.text() + "-" + (host == null ? "" : Addresses.text(host)) + "-" + port;
  }

  @Override
  public String toString() {
    return type.text() + "-" + (host == null ? "" : Addresses.idText(host)) + "-" + port;
  }
}
