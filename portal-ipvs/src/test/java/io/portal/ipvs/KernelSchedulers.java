package io.portal.ipvs;

import io.portal.netlink.Errno;
import io.portal.netlink.NetlinkException;
import io.portal.netlink.NetworkNamespace;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** The schedulers that the running kernel has, found by asking it for each. */
final class KernelSchedulers {

  private static final List<String> ALL =
      List.of(
          "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh",
          "twos");

  private KernelSchedulers() {}

  @SuppressWarnings("try")
  static List<String> available() {
    List<String> found = new ArrayList<>();
    try (NetworkNamespace namespace = NetworkNamespace.enter();
        IpvsClient client = IpvsClient.open()) {
      int port = 1;
      for (String scheduler : ALL) {
        IpvsKey key =
            new IpvsKey.Socket(IpvsProtocol.TCP, InetAddress.getByName("10.0.0.1"), port++);
        try {
          client.apply(new IpvsChange.AddService(IpvsService.of(key, scheduler)));
          found.add(scheduler);
        } catch (NetlinkException e) {
          if (!e.is(Errno.ENOENT)) {
            throw e;
          }
        }
      }
    } catch (Exception e) {
      throw new IllegalStateException("schedulers cannot be found out", e);
    }
    // Only twos came late (6.13); of the others, a kernel that lacks one is not the one to test on.
    if (!found.containsAll(ALL.subList(0, ALL.size() - 1))) {
      throw new IllegalStateException("this kernel has the schedulers " + found + " only");
    }
    return found;
  }
}
