package io.portal.netlink;

/** Constants of the kernel's netlink interface, beside their C names and headers. */
public final class Netlink {

  // include/uapi/linux/netlink.h: protocols
  /** {@code NETLINK_ROUTE}: interfaces, addresses and routes. */
  public static final int ROUTE = 0;

  /** {@code NETLINK_GENERIC}: families that are resolved by name. */
  public static final int GENERIC = 16;

  // include/uapi/linux/netlink.h: struct nlmsghdr
  /** Bytes of {@code struct nlmsghdr}: u32 len, u16 type, u16 flags, u32 seq, u32 pid. */
  public static final int HEADER_BYTES = 16;

  /** {@code NLMSG_ALIGNTO} and {@code NLA_ALIGNTO}. */
  static final int ALIGNMENT = 4;

  // include/uapi/linux/netlink.h: message types below NLMSG_MIN_TYPE
  /** {@code NLMSG_NOOP}. */
  public static final int NOOP = 1;

  /** {@code NLMSG_ERROR}: a refusal, or an acknowledgement with error 0. */
  public static final int ERROR = 2;

  /** {@code NLMSG_DONE}: the end of a dump. */
  public static final int DONE = 3;

  /** {@code NLMSG_OVERRUN}: data lost. */
  public static final int OVERRUN = 4;

  // include/uapi/linux/netlink.h: flags
  /** {@code NLM_F_REQUEST}. */
  public static final int FLAG_REQUEST = 0x1;

  /** {@code NLM_F_MULTI}: part of a dump. */
  public static final int FLAG_MULTI = 0x2;

  /** {@code NLM_F_ACK}: answer also if all went well. */
  public static final int FLAG_ACK = 0x4;

  /** {@code NLM_F_DUMP_INTR}: what was dumped changed meanwhile. */
  public static final int FLAG_DUMP_INTERRUPTED = 0x10;

  /** {@code NLM_F_DUMP}: {@code NLM_F_ROOT | NLM_F_MATCH}. */
  public static final int FLAG_DUMP = 0x300;

  /** {@code NLM_F_REPLACE}, of requests that create. */
  public static final int FLAG_REPLACE = 0x100;

  /** {@code NLM_F_EXCL}, of requests that create. */
  public static final int FLAG_EXCLUSIVE = 0x200;

  /** {@code NLM_F_CREATE}, of requests that create. */
  public static final int FLAG_CREATE = 0x400;

  /** {@code NLM_F_CAPPED}: the refused message's body is left out of the answer. */
  static final int FLAG_CAPPED = 0x100;

  /** {@code NLM_F_ACK_TLVS}: attributes of {@code enum nlmsgerr_attrs} follow. */
  static final int FLAG_ACK_ATTRIBUTES = 0x200;

  // include/uapi/linux/netlink.h: enum nlmsgerr_attrs
  /** {@code NLMSGERR_ATTR_MSG}: the kernel's own words. */
  static final int ERROR_ATTRIBUTE_MESSAGE = 1;

  // include/uapi/linux/netlink.h: struct nlattr
  /** Bytes of {@code struct nlattr}: u16 len, u16 type. */
  static final int ATTRIBUTE_HEADER_BYTES = 4;

  /** {@code NLA_F_NESTED}. */
  static final int ATTRIBUTE_NESTED = 0x8000;

  /** {@code NLA_TYPE_MASK}: without {@code NLA_F_NESTED} and {@code NLA_F_NET_BYTEORDER}. */
  static final int ATTRIBUTE_TYPE_MASK = 0x3fff;

  // include/uapi/linux/netlink.h: socket options of level SOL_NETLINK (include/linux/socket.h)
  static final int SOL_NETLINK = 270;
  static final int NETLINK_ADD_MEMBERSHIP = 1;

  /** Since kernel 4.3. */
  static final int NETLINK_CAP_ACK = 10;

  /** Since kernel 4.12. */
  static final int NETLINK_EXT_ACK = 11;

  // include/linux/socket.h, include/uapi/asm-generic/socket.h, include/uapi/linux/net.h
  static final int AF_NETLINK = 16;
  static final int SOCK_RAW = 3;
  static final int SOCK_CLOEXEC = 0x80000;
  static final int SOL_SOCKET = 1;
  static final int SO_SNDBUF = 7;
  static final int SO_RCVBUF = 8;
  static final int SO_SNDBUFFORCE = 32;
  static final int SO_RCVBUFFORCE = 33;
  static final int MSG_TRUNC = 0x20;
  static final int MSG_DONTWAIT = 0x40;

  // include/uapi/linux/eventfd.h, include/uapi/asm-generic/poll.h
  static final int EFD_CLOEXEC = 0x80000;
  static final int EFD_NONBLOCK = 0x800;
  static final int POLLIN = 1;

  /** Bytes of {@code struct sockaddr_nl}: u16 family, u16 pad, u32 pid, u32 groups. */
  static final int SOCKET_ADDRESS_BYTES = 12;

  /** Bytes that a batch must stay under SO_SNDBUF, net/netlink/af_netlink.c netlink_sendmsg(). */
  static final int SEND_OVERHEAD = 32;

  private Netlink() {}

  /** That many bytes, filled up to a multiple of four, {@code NLMSG_ALIGN}. */
  static int align(int bytes) {
    return bytes + ALIGNMENT - 1 & -ALIGNMENT;
  }
}
