package io.portal.vip;

import io.portal.netlink.route.MacAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The Ethernet frames that tell the neighbours where an address is now, without being asked. Pure.
 */
final class Announcement {

  // linux/if_ether.h
  private static final short ETH_P_ARP = 0x0806;
  private static final short ETH_P_IPV6 = (short) 0x86dd;
  private static final short ETH_P_IP = 0x0800;

  // linux/if_arp.h
  private static final short ARPHRD_ETHER = 1;
  private static final short ARPOP_REQUEST = 1;
  private static final short ARPOP_REPLY = 2;

  // linux/in6.h, linux/icmpv6.h, net/ndisc.h
  private static final byte IPPROTO_ICMPV6 = 58;
  private static final byte NDISC_NEIGHBOUR_ADVERTISEMENT = (byte) 136;
  private static final byte ND_OPT_TARGET_LL_ADDR = 2;
  private static final int NA_FLAG_OVERRIDE = 0x20000000;

  private static final int ETHERNET_HEADER = 14;
  private static final int IPV6_HEADER = 40;
  private static final int ADVERTISEMENT = 32;

  /** All nodes of the link, ff02::1 (RFC 4291 section 2.7.1). */
  private static final byte[] ALL_NODES = {
    (byte) 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
  };

  private Announcement() {}

  /**
   * The frames for an address: for IPv4 a gratuitous ARP in both forms (RFC 5227 section 3
   * recommends the request, some equipment only listens to the reply), for IPv6 an unsolicited
   * neighbour advertisement (RFC 4861 section 7.2.6).
   *
   * @param owner Ethernet address of the interface that has the address
   */
  static List<byte[]> frames(InetAddress address, MacAddress owner) {
    if (address instanceof Inet4Address) {
      return List.of(
          arp(ARPOP_REQUEST, address.getAddress(), owner, MacAddress.NONE),
          arp(ARPOP_REPLY, address.getAddress(), owner, MacAddress.BROADCAST));
    }
    return List.of(advertisement(address.getAddress(), owner));
  }

  private static byte[] arp(short operation, byte[] address, MacAddress owner, MacAddress target) {
    ByteBuffer frame = ByteBuffer.allocate(ETHERNET_HEADER + 28);
    frame.put(MacAddress.BROADCAST.bytes()).put(owner.bytes()).putShort(ETH_P_ARP);
    frame.putShort(ARPHRD_ETHER).putShort(ETH_P_IP);
    frame.put((byte) MacAddress.LENGTH).put((byte) address.length).putShort(operation);
    frame.put(owner.bytes()).put(address);
    frame.put(target.bytes()).put(address);
    return frame.array();
  }

  private static byte[] advertisement(byte[] address, MacAddress owner) {
    ByteBuffer message = ByteBuffer.allocate(ADVERTISEMENT);
    message.put(NDISC_NEIGHBOUR_ADVERTISEMENT).put((byte) 0).putShort((short) 0);
    message.putInt(NA_FLAG_OVERRIDE).put(address);
    message.put(ND_OPT_TARGET_LL_ADDR).put((byte) 1).put(owner.bytes());
    message.putShort(2, checksum(address, ALL_NODES, message.array()));

    ByteBuffer frame = ByteBuffer.allocate(ETHERNET_HEADER + IPV6_HEADER + ADVERTISEMENT);
    frame.put(MacAddress.ALL_NODES.bytes()).put(owner.bytes()).putShort(ETH_P_IPV6);
    // A hop limit of 255 proves that the packet was not forwarded (RFC 4861 section 7.1.2).
    frame.putInt(0x60000000).putShort((short) ADVERTISEMENT).put(IPPROTO_ICMPV6).put((byte) 255);
    frame.put(address).put(ALL_NODES).put(message.array());
    return frame.array();
  }

  /**
   * ICMPv6's checksum over pseudo-header and message, RFC 4443 section 2.3, RFC 8200 section 8.1.
   */
  private static short checksum(byte[] source, byte[] destination, byte[] message) {
    ByteBuffer summed =
        ByteBuffer.allocate(source.length + destination.length + 8 + message.length);
    summed.put(source).put(destination).putInt(message.length).putInt(IPPROTO_ICMPV6).put(message);
    summed.flip();
    int sum = 0;
    while (summed.hasRemaining()) {
      sum += summed.getShort() & 0xffff;
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (short) ~sum;
  }
}
