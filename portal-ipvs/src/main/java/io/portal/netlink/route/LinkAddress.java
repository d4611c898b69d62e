package io.portal.netlink.route;

import com.google.common.net.InetAddresses;
import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * An address on an interface as the kernel holds it. Immutable.
 *
 * @param link index of the interface
 * @param address the host's own address
 * @param prefixLength 0 to 32 or 128
 * @param label the label of an IPv4 address, which is the interface's name unless another was
 *     given; always empty for IPv6, which has no labels
 * @param flags {@code IFA_F_*} of {@code linux/if_addr.h}
 */
public record LinkAddress(
    int link, InetAddress address, int prefixLength, String label, int flags) {

  /** An address to be put on an interface. */
  public LinkAddress(int link, InetAddress address, int prefixLength, String label) {
    this(link, address, prefixLength, label, 0);
  }

  /** Whether it is an IPv4 address. */
  public boolean isIpv4() {
    return address instanceof Inet4Address;
  }

  /** The same, in use at once: IPv6 asks the neighbours first whether one has it already. */
  public LinkAddress withoutDuplicateDetection() {
    return isIpv4()
        ? this
        : new LinkAddress(link, address, prefixLength, label, flags | RouteConstants.IFA_F_NODAD);
  }

  /**
   * Whether the kernel removes other addresses of its network with it, unless it is told to promote
   * one of them.
   */
  public boolean isPrimary() {
    return isIpv4() && (flags & RouteConstants.IFA_F_SECONDARY) == 0;
  }

  @Override
  public String toString() {
    return InetAddresses.toAddrString(address) + "/" + prefixLength;
  }
}
