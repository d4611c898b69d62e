package io.portal.netlink.route;

import java.util.HexFormat;

/**
 * An Ethernet address. Immutable.
 *
 * @param bits the 48 bits, in the low end
 */
public record MacAddress(long bits) {

  /** Bytes of an Ethernet address, {@code ETH_ALEN} in {@code linux/if_ether.h}. */
  public static final int LENGTH = 6;

  /** All zeros: not known. */
  public static final MacAddress NONE = new MacAddress(0);

  /** All stations of the link. */
  public static final MacAddress BROADCAST = new MacAddress(0xffffffffffffL);

  /** Where IPv6 packets to all nodes of a link go, RFC 2464 section 7 with ff02::1. */
  public static final MacAddress ALL_NODES = new MacAddress(0x333300000001L);

  /** The address of those six bytes. */
  public static MacAddress of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new IllegalArgumentException(bytes.length + " bytes are no Ethernet address");
    }
    long bits = 0;
    for (byte b : bytes) {
      bits = bits << 8 | b & 0xff;
    }
    return new MacAddress(bits);
  }

  /** The six bytes, a new array each time. */
  public byte[] bytes() {
    byte[] bytes = new byte[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      bytes[i] = (byte) (bits >>> 8 * (LENGTH - 1 - i));
    }
    return bytes;
  }

  @Override
  public String toString() {
    return HexFormat.ofDelimiter(":").formatHex(bytes());
  }
}
