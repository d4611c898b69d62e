package io.portal.examples;

import io.portal.ipvs.IpvsClient;
import io.portal.ipvs.IpvsDestination;
import io.portal.ipvs.IpvsDestinationEntry;
import io.portal.ipvs.IpvsService;
import io.portal.ipvs.IpvsServiceEntry;
import io.portal.ipvs.IpvsUnavailableException;
import io.portal.netlink.NetlinkException;

/** Lists what this host's kernel balances, with {@code portal-ipvs} alone. */
public final class ListServices {

  private ListServices() {}

  /** Takes no arguments; wants root and a kernel with IPVS. */
  public static void main(String[] arguments) throws NetlinkException {
    try (IpvsClient ipvs = IpvsClient.open()) {
      for (IpvsServiceEntry entry : ipvs.services()) {
        IpvsService service = entry.service();
        System.out.printf(
            "%s %s, %d connections%n",
            service.key(), service.scheduler(), entry.stats().connections());
        for (IpvsDestinationEntry server : ipvs.destinations(service.key())) {
          IpvsDestination destination = server.destination();
          System.out.printf(
              "  -> %s %s weight %d, %d active%n",
              destination.display(),
              destination.forwarder(),
              destination.weight(),
              server.activeConnections());
        }
      }
    } catch (IpvsUnavailableException e) {
      System.out.println(e.getMessage());
      System.exit(1);
    }
  }
}
