package io.portal.ipvs;

import java.util.OptionalInt;

/**
 * Bits of a client's address that persistence tells apart.
 *
 * @param family the service's address family
 * @param value the mask itself for IPv4, any bits; the prefix length, 0 to 128, for IPv6, where 0
 *     is read only
 */
public record IpvsNetmask(IpvsFamily family, int value) {

  /**
   * Checks the value.
   *
   * @throws IllegalArgumentException if an IPv6 prefix length is out of range
   */
  public IpvsNetmask {
    if (family == IpvsFamily.IPV6 && (value < 0 || value > 128)) {
      throw new IllegalArgumentException("netmask '" + value + "': must be 1 to 128");
    }
  }

  /**
   * The mask of that many leading bits.
   *
   * @throws IllegalArgumentException if there are none, or more than an address has
   */
  public static IpvsNetmask prefix(IpvsFamily family, int length) {
    if (length < 1 || length > family.bits()) {
      throw new IllegalArgumentException(
          "netmask '" + length + "': must be 1 to " + family.bits() + " bits");
    }
    return new IpvsNetmask(family, family == IpvsFamily.IPV6 ? length : -1 << (32 - length));
  }

  /** Every client for itself. */
  public static IpvsNetmask full(IpvsFamily family) {
    return prefix(family, family.bits());
  }

  /** The number of leading bits; empty if the bits are not contiguous. */
  public OptionalInt prefixLength() {
    if (family == IpvsFamily.IPV6) {
      return OptionalInt.of(value);
    }
    int length = Integer.bitCount(value);
    return value == (length == 0 ? 0 : -1 << (32 - length))
        ? OptionalInt.of(length)
        : OptionalInt.empty();
  }
}
