package io.portal.ipvs;

/** Transport protocols that IPVS balances; include/uapi/linux/in.h. */
public enum IpvsProtocol {
  /** IPPROTO_TCP. */
  TCP(6),
  /** IPPROTO_UDP. */
  UDP(17),
  /** IPPROTO_SCTP. */
  SCTP(132),
  /** Any other: the kernel takes such services without a word, but balances nothing. Read only. */
  OTHER(0);

  private final int wire;

  IpvsProtocol(int wire) {
    this.wire = wire;
  }

  int wire() {
    return wire;
  }

  static IpvsProtocol ofWire(int value) {
    for (IpvsProtocol protocol : values()) {
      if (protocol.wire == value) {
        return protocol;
      }
    }
    return OTHER;
  }
}
