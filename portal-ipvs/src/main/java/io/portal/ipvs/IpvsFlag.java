package io.portal.ipvs;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * Traits of a service besides persistence; IP_VS_SVC_F_* in include/uapi/linux/ip_vs.h. Flags that
 * the kernel keeps for itself (IP_VS_SVC_F_HASHED) and unknown ones are ignored when read.
 */
public enum IpvsFlag {
  /** IP_VS_SVC_F_ONEPACKET: every UDP packet is scheduled anew. */
  ONE_PACKET(0x4),
  /** IP_VS_SVC_F_SCHED1: of sh and mh, try another server where the first one has weight 0. */
  FALLBACK(0x8),
  /** IP_VS_SVC_F_SCHED2: of sh and mh, hash the client's port too. */
  HASH_PORT(0x10),
  /** IP_VS_SVC_F_SCHED3: no scheduler uses it yet. */
  SCHEDULER_3(0x20);

  private static final IpvsFlag[] VALUES = values();

  private final int wire;

  IpvsFlag(int wire) {
    this.wire = wire;
  }

  static int toWire(Set<IpvsFlag> flags) {
    int bits = 0;
    for (IpvsFlag flag : flags) {
      bits |= flag.wire;
    }
    return bits;
  }

  static Set<IpvsFlag> ofWire(int bits) {
    EnumSet<IpvsFlag> flags = EnumSet.noneOf(IpvsFlag.class);
    for (IpvsFlag flag : VALUES) {
      if ((bits & flag.wire) != 0) {
        flags.add(flag);
      }
    }
    return flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(flags);
  }
}
