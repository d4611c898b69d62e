package io.portal.ipvs;

/** How packets reach a destination; IP_VS_CONN_F_* in include/uapi/linux/ip_vs.h. */
public enum IpvsForwarder {
  /** IP_VS_CONN_F_MASQ: address translation. */
  MASQUERADE(0),
  /** IP_VS_CONN_F_LOCALNODE: the destination is this host. */
  LOCAL(1),
  /** IP_VS_CONN_F_TUNNEL: the packet is wrapped. */
  TUNNEL(2),
  /** IP_VS_CONN_F_DROUTE: the packet is sent on unchanged. */
  DIRECT_ROUTE(3),
  /** IP_VS_CONN_F_BYPASS: the cache is bypassed. */
  BYPASS(4),
  /** Any other, which the kernel takes without a word. Read only. */
  OTHER(7);

  private static final IpvsForwarder[] VALUES = values();

  private final int wire;

  IpvsForwarder(int wire) {
    this.wire = wire;
  }

  int wire() {
    return wire;
  }

  static IpvsForwarder ofWire(int value) {
    int method = value & IpvsConstants.CONN_F_FWD_MASK;
    for (IpvsForwarder forwarder : VALUES) {
      if (forwarder.wire == method) {
        return forwarder;
      }
    }
    return OTHER;
  }
}
