package io.portal.ipvs;

import static io.portal.ipvs.IpvsConstants.*;

import io.portal.netlink.NetlinkRequest;
import io.portal.netlink.generic.GenericFamily;

/** Messages for changes. */
final class IpvsRequests {

  private IpvsRequests() {}

  static NetlinkRequest of(GenericFamily family, IpvsChange change) {
    if (change instanceof IpvsChange.AddService add) {
      return family.request(CMD_NEW_SERVICE, out -> IpvsCodec.writeService(out, add.service()));
    } else if (change instanceof IpvsChange.SetService set) {
      return family.request(CMD_SET_SERVICE, out -> IpvsCodec.writeService(out, set.service()));
    } else if (change instanceof IpvsChange.RemoveService remove) {
      return family.request(CMD_DEL_SERVICE, out -> IpvsCodec.writeKey(out, remove.service()));
    } else if (change instanceof IpvsChange.AddDestination add) {
      return of(family, CMD_NEW_DEST, add.service(), add.destination());
    } else if (change instanceof IpvsChange.SetDestination set) {
      return of(family, CMD_SET_DEST, set.service(), set.destination());
    } else if (change instanceof IpvsChange.RemoveDestination remove) {
      return family.request(
          CMD_DEL_DEST,
          out -> {
            IpvsCodec.writeKey(out, remove.service());
            IpvsCodec.writeDestinationKey(out, remove.destination());
          });
    }
    throw new IllegalArgumentException("change " + change + ": unknown kind");
  }

  private static NetlinkRequest of(
      GenericFamily family, int command, IpvsKey service, IpvsDestination destination) {
    return family.request(
        command,
        out -> {
          IpvsCodec.writeKey(out, service);
          IpvsCodec.writeDestination(out, destination);
        });
  }
}
