package io.portal.netlink.route;

import org.jspecify.annotations.Nullable;

/**
 * A network interface as the kernel tells it. Immutable.
 *
 * @param index the kernel's number for it, 1 and up
 * @param name up to 15 characters
 * @param flags {@code IFF_*} of {@code linux/if.h}
 * @param hardwareType {@code ARPHRD_*} of {@code linux/if_arp.h}
 * @param mac its Ethernet address; null if it has none of six bytes
 */
public record Link(int index, String name, int flags, int hardwareType, @Nullable MacAddress mac) {

  /** Whether it is switched on and has a carrier. */
  public boolean isRunning() {
    int running = RouteConstants.IFF_UP | RouteConstants.IFF_RUNNING;
    return (flags & running) == running;
  }

  /** Whether neighbours are reached through Ethernet frames; never so for loopback. */
  public boolean isEthernet() {
    return hardwareType == RouteConstants.ARPHRD_ETHER
        && mac != null
        && (flags & RouteConstants.IFF_LOOPBACK) == 0;
  }
}
