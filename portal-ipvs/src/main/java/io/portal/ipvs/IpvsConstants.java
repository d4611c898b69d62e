package io.portal.ipvs;

/** The IPVS netlink interface: include/uapi/linux/ip_vs.h, beside the C names. */
final class IpvsConstants {

  /** IPVS_GENL_NAME. */
  static final String FAMILY_NAME = "IPVS";

  // IPVS_CMD_*
  static final int CMD_NEW_SERVICE = 1;
  static final int CMD_SET_SERVICE = 2;
  static final int CMD_DEL_SERVICE = 3;
  static final int CMD_GET_SERVICE = 4;
  static final int CMD_NEW_DEST = 5;
  static final int CMD_SET_DEST = 6;
  static final int CMD_DEL_DEST = 7;
  static final int CMD_GET_DEST = 8;
  static final int CMD_NEW_DAEMON = 9;
  static final int CMD_DEL_DAEMON = 10;
  static final int CMD_GET_DAEMON = 11;
  static final int CMD_SET_CONFIG = 12;
  static final int CMD_GET_CONFIG = 13;
  static final int CMD_SET_INFO = 14;
  static final int CMD_GET_INFO = 15;
  static final int CMD_ZERO = 16;
  static final int CMD_FLUSH = 17;

  // IPVS_CMD_ATTR_*
  static final int CMD_ATTR_SERVICE = 1;
  static final int CMD_ATTR_DEST = 2;
  static final int CMD_ATTR_DAEMON = 3;
  static final int CMD_ATTR_TIMEOUT_TCP = 4;
  static final int CMD_ATTR_TIMEOUT_TCP_FIN = 5;
  static final int CMD_ATTR_TIMEOUT_UDP = 6;

  // IPVS_INFO_ATTR_*
  static final int INFO_ATTR_VERSION = 1;
  static final int INFO_ATTR_CONN_TAB_SIZE = 2;

  // IPVS_SVC_ATTR_*
  static final int SVC_ATTR_AF = 1;
  static final int SVC_ATTR_PROTOCOL = 2;
  static final int SVC_ATTR_ADDR = 3;
  static final int SVC_ATTR_PORT = 4;
  static final int SVC_ATTR_FWMARK = 5;
  static final int SVC_ATTR_SCHED_NAME = 6;
  static final int SVC_ATTR_FLAGS = 7;
  static final int SVC_ATTR_TIMEOUT = 8;
  static final int SVC_ATTR_NETMASK = 9;
  static final int SVC_ATTR_STATS = 10;
  static final int SVC_ATTR_PE_NAME = 11;

  /** Since kernel 4.1. */
  static final int SVC_ATTR_STATS64 = 12;

  // IPVS_DEST_ATTR_*
  static final int DEST_ATTR_ADDR = 1;
  static final int DEST_ATTR_PORT = 2;
  static final int DEST_ATTR_FWD_METHOD = 3;
  static final int DEST_ATTR_WEIGHT = 4;
  static final int DEST_ATTR_U_THRESH = 5;
  static final int DEST_ATTR_L_THRESH = 6;
  static final int DEST_ATTR_ACTIVE_CONNS = 7;
  static final int DEST_ATTR_INACT_CONNS = 8;
  static final int DEST_ATTR_PERSIST_CONNS = 9;
  static final int DEST_ATTR_STATS = 10;

  /** Since kernel 3.18; without it the family is the service's. */
  static final int DEST_ATTR_ADDR_FAMILY = 11;

  /** Since kernel 4.1. */
  static final int DEST_ATTR_STATS64 = 12;

  /** Since kernel 5.3; without it a tunnel is of IPIP. */
  static final int DEST_ATTR_TUN_TYPE = 13;

  /** Since kernel 5.3. */
  static final int DEST_ATTR_TUN_PORT = 14;

  /** Since kernel 5.3. */
  static final int DEST_ATTR_TUN_FLAGS = 15;

  // IPVS_DAEMON_ATTR_*
  static final int DAEMON_ATTR_STATE = 1;
  static final int DAEMON_ATTR_MCAST_IFN = 2;
  static final int DAEMON_ATTR_SYNC_ID = 3;

  /** This and those after it since kernel 4.3. */
  static final int DAEMON_ATTR_SYNC_MAXLEN = 4;

  static final int DAEMON_ATTR_MCAST_GROUP = 5;
  static final int DAEMON_ATTR_MCAST_GROUP6 = 6;
  static final int DAEMON_ATTR_MCAST_PORT = 7;
  static final int DAEMON_ATTR_MCAST_TTL = 8;

  // IPVS_STATS_ATTR_*
  static final int STATS_ATTR_CONNS = 1;
  static final int STATS_ATTR_INPKTS = 2;
  static final int STATS_ATTR_OUTPKTS = 3;
  static final int STATS_ATTR_INBYTES = 4;
  static final int STATS_ATTR_OUTBYTES = 5;
  static final int STATS_ATTR_CPS = 6;
  static final int STATS_ATTR_INPPS = 7;
  static final int STATS_ATTR_OUTPPS = 8;
  static final int STATS_ATTR_INBPS = 9;
  static final int STATS_ATTR_OUTBPS = 10;

  /** IP_VS_SVC_F_PERSISTENT. */
  static final int SVC_F_PERSISTENT = 0x1;

  /** IP_VS_CONN_F_FWD_MASK: forward method bits of IPVS_DEST_ATTR_FWD_METHOD. */
  static final int CONN_F_FWD_MASK = 0x7;

  /** IP_VS_SCHEDNAME_MAXLEN without the NUL; IP_VS_PENAME_MAXLEN is the same. */
  static final int NAME_MAX_LENGTH = 15;

  /** IP_VS_IFNAME_MAXLEN without the NUL. */
  static final int INTERFACE_MAX_LENGTH = 15;

  // include/linux/socket.h
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  private IpvsConstants() {}
}
