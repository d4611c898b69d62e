package io.portal.ipvs;

import java.net.Inet4Address;
import java.net.InetAddress;

/** Address families; include/linux/socket.h. */
public enum IpvsFamily {
  /** AF_INET. */
  IPV4(IpvsConstants.AF_INET, 4),
  /** AF_INET6. */
  IPV6(IpvsConstants.AF_INET6, 16);

  private final int wire;
  private final int addressBytes;

  IpvsFamily(int wire, int addressBytes) {
    this.wire = wire;
    this.addressBytes = addressBytes;
  }

  /** The family of an address. */
  public static IpvsFamily of(InetAddress address) {
    return address instanceof Inet4Address ? IPV4 : IPV6;
  }

  /** Bits of an address: 32 or 128. */
  public int bits() {
    return addressBytes * 8;
  }

  int wire() {
    return wire;
  }

  int addressBytes() {
    return addressBytes;
  }

  static IpvsFamily ofWire(int value) {
    return value == IpvsConstants.AF_INET6 ? IPV6 : IPV4;
  }
}
