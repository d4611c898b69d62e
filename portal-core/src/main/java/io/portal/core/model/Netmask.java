package io.portal.core.model;

import io.portal.core.InvalidException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.OptionalInt;

/**
 * How clients are grouped for persistence: those whose addresses are the same in the mask's bits
 * share a server.
 *
 * @param bits bits of the address family, 32 or 128
 * @param value for IPv4 the mask as an unsigned number, any bits, 0 for one group of all clients;
 *     for IPv6 the prefix length, 1 to 128
 */
public record Netmask(int bits, long value) {

  private static final long FULL_IPV4 = 0xffffffffL;

  /**
   * Checks the parts.
   *
   * @throws InvalidException if the value does not fit the family
   */
  public Netmask {
    if (bits != 32 && bits != 128) {
      throw new IllegalArgumentException("bits must be 32 or 128, not " + bits);
    }
    if (bits == 32 ? value < 0 || value > FULL_IPV4 : value < 1 || value > 128) {
      throw InvalidException.field("netmask", value, allowed(bits));
    }
  }

  /**
   * The mask of that many leading bits.
   *
   * @param prefixLength 0 to 32, or 1 to 128
   * @param bits bits of the address family, 32 or 128
   * @throws InvalidException if the prefix does not fit the family
   */
  public static Netmask prefix(int prefixLength, int bits) {
    if (bits == 128) {
      return new Netmask(bits, prefixLength);
    }
    if (prefixLength < 0 || prefixLength > 32) {
      throw InvalidException.field("netmask", prefixLength, "a prefix length of 0 to 32");
    }
    return new Netmask(bits, FULL_IPV4 << 32 - prefixLength & FULL_IPV4);
  }

  /** Every client for itself. */
  public static Netmask full(int bits) {
    return prefix(bits, bits);
  }

  /**
   * The mask of that text.
   *
   * @param text a dotted mask such as {@code 255.255.255.0} for IPv4, a prefix length for IPv6
   * @param bits bits of the address family, 32 or 128
   * @throws InvalidException if it is none of that family
   */
  public static Netmask parse(String text, int bits) {
    if (bits == 128) {
      if (!text.matches("[0-9]{1,3}")) {
        throw InvalidException.field("netmask", text, allowed(bits));
      }
      return new Netmask(bits, Integer.parseInt(text));
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
    return new Netmask(bits, Integer.toUnsignedLong(ByteBuffer.wrap(mask.getAddress()).getInt()));
  }

  /** The number of leading bits; empty if the mask has holes. */
  public OptionalInt prefixLength() {
    if (bits == 128) {
      return OptionalInt.of((int) value);
    }
    int length = Long.bitCount(value);
    return equals(prefix(length, bits)) ? OptionalInt.of(length) : OptionalInt.empty();
  }

  private static String allowed(int bits) {
    return bits == 32
        ? "a dotted IPv4 mask, 0.0.0.0 to 255.255.255.255"
        : "an IPv6 prefix length, 1 to 128";
  }

  /** The text users write: dotted for IPv4, the prefix length for IPv6. */
  @Override
  public String toString() {
    if (bits == 128) {
      return Long.toString(value);
    }
    return (value >>> 24)
        + "."
        + (value >>> 16 & 255)
        + "."
        + (value >>> 8 & 255)
        + "."
        + (value & 255);
  }
}
