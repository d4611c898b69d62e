package io.portal.core.model;

import io.portal.core.InvalidException;
import java.net.InetAddress;

/**
 * An address as it stands on an interface. The text is {@code 10.0.0.1/32}.
 *
 * @param address the address
 * @param prefixLength 1 to 32 or 128
 */
public record InterfaceAddress(InetAddress address, int prefixLength)
    implements Comparable<InterfaceAddress> {

  /**
   * Checks the parts.
   *
   * @throws InvalidException if the prefix does not fit, or the address cannot be put on an
   *     interface
   */
  public InterfaceAddress {
    int bits = Addresses.bits(address);
    if (prefixLength < 1 || prefixLength > bits) {
      throw InvalidException.field(
          "ip",
          Addresses.text(address) + "/" + prefixLength,
          "an address with a prefix of 1 to " + bits);
    }
    if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
      throw InvalidException.field("ip", Addresses.text(address), "a unicast address");
    }
  }

  /**
   * The address of that text.
   *
   * @param text an address, with {@code /prefix} or without, which means the full prefix
   * @throws InvalidException if it is none
   */
  public static InterfaceAddress parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address = Addresses.parse("ip", slash < 0 ? text : text.substring(0, slash));
    if (slash < 0) {
      return new InterfaceAddress(address, Addresses.bits(address));
    }
    String prefix = text.substring(slash + 1);
    if (!prefix.matches("[0-9]{1,3}")) {
      throw InvalidException.field(
          "ip", text, "an address with a prefix of 1 to " + Addresses.bits(address));
    }
    return new InterfaceAddress(address, Integer.parseInt(prefix));
  }

  /** By family and address, then prefix length. */
  @Override
  public int compareTo(InterfaceAddress other) {
    int order = Addresses.compare(address, other.address);
    return order == 0 ? Integer.compare(prefixLength, other.prefixLength) : order;
  }

  @Override
  public String toString() {
    return Addresses.text(address) + "/" + prefixLength;
  }
}
