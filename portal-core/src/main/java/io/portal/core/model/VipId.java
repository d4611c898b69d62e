package io.portal.core.model;

import java.util.Comparator;

/**
 * What a vip is known by.
 *
 * @param ip address with prefix length
 * @param interfaceName the interface it is on
 */
public record VipId(InterfaceAddress ip, String interfaceName) implements Comparable<VipId> {

  private static final Comparator<VipId> ORDER =
      Comparator.comparing(VipId::ip).thenComparing(VipId::interfaceName);

  /** By address, then interface. */
  @Override
  public int compareTo(VipId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return ip + " on " + interfaceName;
  }
}
