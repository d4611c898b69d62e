package io.portal.netlink.route;

/** Constants of the kernel's rtnetlink interface, beside their C names and headers. */
final class RouteConstants {

  // include/uapi/linux/rtnetlink.h: message types
  static final int RTM_NEWLINK = 16;
  static final int RTM_GETLINK = 18;
  static final int RTM_SETLINK = 19;
  static final int RTM_NEWADDR = 20;
  static final int RTM_DELADDR = 21;
  static final int RTM_GETADDR = 22;

  // include/uapi/linux/rtnetlink.h: multicast groups
  static final int RTNLGRP_LINK = 1;
  static final int RTNLGRP_IPV4_IFADDR = 5;
  static final int RTNLGRP_IPV6_IFADDR = 9;

  // include/uapi/linux/rtnetlink.h: IFLA_EXT_MASK, leaves counters out of dumps since kernel 4.4
  static final int RTEXT_FILTER_SKIP_STATS = 1 << 3;

  // include/linux/socket.h
  static final int AF_UNSPEC = 0;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  // include/uapi/linux/if_link.h: attributes of interfaces
  static final int IFLA_ADDRESS = 1;
  static final int IFLA_IFNAME = 3;
  static final int IFLA_AF_SPEC = 26;
  static final int IFLA_EXT_MASK = 29;

  /** Within {@code IFLA_AF_SPEC} and {@code AF_INET}. */
  static final int IFLA_INET_CONF = 1;

  // include/uapi/linux/ip.h: settings within IFLA_INET_CONF
  static final int IPV4_DEVCONF_PROMOTE_SECONDARIES = 20;

  // include/uapi/linux/if.h, include/uapi/linux/if_arp.h
  static final int IFF_UP = 0x1;
  static final int IFF_LOOPBACK = 0x8;
  static final int IFF_RUNNING = 0x40;
  static final int ARPHRD_ETHER = 1;

  // include/uapi/linux/if_addr.h: attributes of addresses
  static final int IFA_ADDRESS = 1;
  static final int IFA_LOCAL = 2;
  static final int IFA_LABEL = 3;
  static final int IFA_FLAGS = 8;

  // include/uapi/linux/if_addr.h: flags
  static final int IFA_F_SECONDARY = 0x01;
  static final int IFA_F_NODAD = 0x02;

  private RouteConstants() {}
}
