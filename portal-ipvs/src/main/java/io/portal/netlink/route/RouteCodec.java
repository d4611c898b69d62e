package io.portal.netlink.route;

import io.portal.netlink.AttributeReader;
import io.portal.netlink.AttributeWriter;
import io.portal.netlink.Netlink;
import io.portal.netlink.NetlinkException;
import io.portal.netlink.NetlinkMessage;
import io.portal.netlink.NetlinkRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Interfaces and addresses as messages of rtnetlink. Pure.
 *
 * <p>Source: include/uapi/linux/rtnetlink.h struct ifinfomsg, include/uapi/linux/if_addr.h struct
 * ifaddrmsg.
 */
final class RouteCodec {

  private RouteCodec() {}

  static NetlinkRequest getLinks() {
    return new NetlinkRequest(
        RouteConstants.RTM_GETLINK,
        writer -> {
          linkHeader(writer, 0);
          writer.u32(RouteConstants.IFLA_EXT_MASK, RouteConstants.RTEXT_FILTER_SKIP_STATS);
        });
  }

  static NetlinkRequest getAddresses() {
    return new NetlinkRequest(
        RouteConstants.RTM_GETADDR,
        writer -> addressHeader(writer, RouteConstants.AF_UNSPEC, 0, 0));
  }

  static NetlinkRequest add(LinkAddress address) {
    return new NetlinkRequest(
        RouteConstants.RTM_NEWADDR,
        Netlink.FLAG_CREATE | Netlink.FLAG_EXCLUSIVE,
        writer -> {
          address(writer, address);
          if (address.flags() != 0) {
            writer.u32(RouteConstants.IFA_FLAGS, address.flags());
          }
        });
  }

  static NetlinkRequest remove(LinkAddress address) {
    return new NetlinkRequest(RouteConstants.RTM_DELADDR, writer -> address(writer, address));
  }

  /** Keeps the other addresses of a network when the first of them is removed. */
  static NetlinkRequest promoteSecondaries(int link) {
    return new NetlinkRequest(
        RouteConstants.RTM_SETLINK,
        writer -> {
          linkHeader(writer, link);
          int families = writer.nest(RouteConstants.IFLA_AF_SPEC);
          int family = writer.nest(RouteConstants.AF_INET);
          int settings = writer.nest(RouteConstants.IFLA_INET_CONF);
          writer.u32(RouteConstants.IPV4_DEVCONF_PROMOTE_SECONDARIES, 1);
          writer.end(settings);
          writer.end(family);
          writer.end(families);
        });
  }

  private static void address(AttributeWriter writer, LinkAddress address) {
    int family = address.isIpv4() ? RouteConstants.AF_INET : RouteConstants.AF_INET6;
    addressHeader(writer, family, address.prefixLength(), address.link());
    byte[] bytes = address.address().getAddress();
    writer.bytes(RouteConstants.IFA_LOCAL, bytes);
    writer.bytes(RouteConstants.IFA_ADDRESS, bytes);
    if (address.isIpv4() && !address.label().isEmpty()) {
      writer.string(RouteConstants.IFA_LABEL, address.label());
    }
  }

  /** struct ifinfomsg: u8 family, u8 pad, u16 type, i32 index, u32 flags, u32 change. */
  private static void linkHeader(AttributeWriter writer, int index) {
    writer.headerU8(RouteConstants.AF_UNSPEC);
    writer.headerU8(0);
    writer.headerU16(0);
    writer.headerU32(index);
    writer.headerU32(0);
    writer.headerU32(0);
  }

  /** struct ifaddrmsg: u8 family, u8 prefix length, u8 flags, u8 scope, u32 index. */
  private static void addressHeader(
      AttributeWriter writer, int family, int prefixLength, int index) {
    writer.headerU8(family);
    writer.headerU8(prefixLength);
    writer.headerU8(0);
    writer.headerU8(0);
    writer.headerU32(index);
  }

  static Link link(NetlinkMessage message) throws NetlinkException {
    AttributeReader reader = message.body();
    reader.headerU16();
    int hardwareType = reader.headerU16();
    int index = reader.headerU32();
    int flags = reader.headerU32();
    reader.headerU32();
    String name = "";
    MacAddress mac = null;
    while (reader.next()) {
      switch (reader.type()) {
        case RouteConstants.IFLA_IFNAME -> name = reader.string();
        case RouteConstants.IFLA_ADDRESS -> mac = mac(reader);
        default -> {} // an interface has much more to it
      }
    }
    reader.check("read interface");
    return new Link(index, name, flags, hardwareType, mac);
  }

  private static @Nullable MacAddress mac(AttributeReader reader) {
    return reader.length() == MacAddress.LENGTH
        ? MacAddress.of(reader.bytes(MacAddress.LENGTH))
        : null;
  }

  /** The address; empty if it is of another family than IPv4 and IPv6. */
  static Optional<LinkAddress> address(NetlinkMessage message) throws NetlinkException {
    AttributeReader reader = message.body();
    int family = reader.headerU8();
    int prefixLength = reader.headerU8();
    int flags = reader.headerU8();
    reader.headerU8();
    int index = reader.headerU32();
    if (family != RouteConstants.AF_INET && family != RouteConstants.AF_INET6) {
      return Optional.empty();
    }
    int bytes = family == RouteConstants.AF_INET ? 4 : 16;
    byte[] address = null;
    byte[] local = null;
    String label = "";
    while (reader.next()) {
      switch (reader.type()) {
        case RouteConstants.IFA_ADDRESS -> address = reader.bytes(bytes);
        case RouteConstants.IFA_LOCAL -> local = reader.bytes(bytes);
        case RouteConstants.IFA_LABEL -> label = reader.string();
        case RouteConstants.IFA_FLAGS -> flags = reader.i32(); // the header has eight bits only
        default -> {} // lifetimes and what newer kernels tell
      }
    }
    reader.check("read address");
    // On point-to-point links the other attribute is the peer's address.
    byte[] own = local != null ? local : address;
    if (own == null) {
      throw new NetlinkException("read address", "it has neither IFA_LOCAL nor IFA_ADDRESS");
    }
    try {
      return Optional.of(
          new LinkAddress(index, InetAddress.getByAddress(own), prefixLength, label, flags));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + bytes + " bytes was refused", e);
    }
  }
}
