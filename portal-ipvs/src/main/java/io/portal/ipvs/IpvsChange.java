package io.portal.ipvs;

/** A change of one service or destination; one netlink message. */
public sealed interface IpvsChange {

  /** IPVS_CMD_NEW_SERVICE. */
  record AddService(IpvsService service) implements IpvsChange {}

  /** IPVS_CMD_SET_SERVICE: all settings are replaced. */
  record SetService(IpvsService service) implements IpvsChange {}

  /** IPVS_CMD_DEL_SERVICE, with its destinations. */
  record RemoveService(IpvsKey service) implements IpvsChange {}

  /** IPVS_CMD_NEW_DEST. */
  record AddDestination(IpvsKey service, IpvsDestination destination) implements IpvsChange {}

  /** IPVS_CMD_SET_DEST: all settings are replaced. */
  record SetDestination(IpvsKey service, IpvsDestination destination) implements IpvsChange {}

  /** IPVS_CMD_DEL_DEST; only address and port of the destination matter. */
  record RemoveDestination(IpvsKey service, IpvsDestination destination) implements IpvsChange {}
}
