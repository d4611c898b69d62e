package io.portal.core.model;

import io.portal.core.InvalidException;
import java.net.InetAddress;

/**
 * How clients are grouped for persistence: those that share the leading bits of their address share
 * a server.
 *
 * @param prefixLength leading bits, 1 to 32 or 128
 * @param bits bits of the address family, 32 or 128
 */
public record Netmask(int prefixLength, int bits) {

  /**
   * Checks the parts.
   *
   * @throws InvalidException if the prefix does not fit the family
   */
  public Netmask {
    if (bits != 32 && bits != 128) {
      throw new IllegalArgumentException("bits must be 32 or 128, not " + bits);
    }
    if (prefixLength < 1 || prefixLength > bits) {
      throw InvalidException.field("netmask", prefixLength, allowed(bits));
    }
  }

  /** Every client for itself. */
  public static Netmask full(int bits) {
    return new Netmask(bits, bits);
  }

  /**
   * The mask of that text.
   *
   * @param text a dotted mask such as {@code 255.255.255.0} for IPv4, a prefix length for IPv6
   * @param bits bits of the address family, 32 or 128
   * @throws InvalidException if it is none of that family, or its bits are not contiguous
   */
  public static Netmask parse(String text, int bits) {
    if (bits == 128) {
      if (!text.matches("[0-9]{1,3}")) {
        throw InvalidException.field("netmask", text, allowed(bits));
      }
      return new Netmask(Integer.parseInt(text), bits);
    }
    if (!text.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
      throw InvalidException.field("netmask", text, allowed(bits));
    }
    InetAddress mask;
    try {
      mask = Addresses.parse("netmask", text);
    } catch (InvalidException e) {
      throw InvalidException.field("netmask", text, allowed(bits));
    }
    int value = java.nio.ByteBuffer.wrap(mask.getAddress()).getInt();
    int length = Integer.bitCount(value);
    if (length == 0 || value != -1 << 32 - length) {
      throw InvalidException.field("netmask", text, allowed(bits));
    }
    return new Netmask(length, bits);
  }

  private static String allowed(int bits) {
    return bits == 32
        ? "a dotted IPv4 mask of contiguous bits, 128.0.0.0 to 255.255.255.255"
        : "an IPv6 prefix length, 1 to 128";
  }

  /** The text users write: dotted for IPv4, the prefix length for IPv6. */
  @Override
  public String toString() {
    if (bits == 128) {
      return Integer.toString(prefixLength);
    }
    int mask = -1 << 32 - prefixLength;
    return (mask >>> 24)
        + "."
        + (mask >>> 16 & 255)
        + "."
        + (mask >>> 8 & 255)
        + "."
        + (mask & 255);
  }
}
