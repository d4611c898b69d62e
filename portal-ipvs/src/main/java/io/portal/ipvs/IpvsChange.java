package io.portal.ipvs;

/** A change of one service or destination; one netlink message. */
public sealed interface IpvsChange {

  /** What it does and to what, as in {@code add 10.1.0.1:80 to tcp 10.0.0.1:80}. */
  String describe();

  /**
   * Refuses what the kernel would take without a word, but never balance by: direct routing to
   * another port, a protocol that it does not know.
   *
   * @throws IllegalArgumentException naming the field, the value and what is allowed
   */
  default void check() {}

  /** IPVS_CMD_NEW_SERVICE. */
  record AddService(IpvsService service) implements IpvsChange {
    @Override
    public void check() {
      service.checkSendable();
    }

    @Override
    public String describe() {
      return "add service " + service.key();
    }
  }

  /** IPVS_CMD_SET_SERVICE: all settings are replaced. */
  record SetService(IpvsService service) implements IpvsChange {
    @Override
    public void check() {
      service.checkSendable();
    }

    @Override
    public String describe() {
      return "change service " + service.key();
    }
  }

  /** IPVS_CMD_DEL_SERVICE, with its destinations. */
  record RemoveService(IpvsKey service) implements IpvsChange {
    @Override
    public String describe() {
      return "remove service " + service;
    }
  }

  /** IPVS_CMD_NEW_DEST. */
  record AddDestination(IpvsKey service, IpvsDestination destination) implements IpvsChange {
    @Override
    public void check() {
      destination.checkSendable(service);
    }

    @Override
    public String describe() {
      return "add " + destination.display() + " to " + service;
    }
  }

  /** IPVS_CMD_SET_DEST: all settings are replaced. */
  record SetDestination(IpvsKey service, IpvsDestination destination) implements IpvsChange {
    @Override
    public void check() {
      destination.checkSendable(service);
    }

    @Override
    public String describe() {
      return "change " + destination.display() + " of " + service;
    }
  }

  /** IPVS_CMD_DEL_DEST; only address and port of the destination matter. */
  record RemoveDestination(IpvsKey service, IpvsDestination destination) implements IpvsChange {
    @Override
    public String describe() {
      return "remove " + destination.display() + " of " + service;
    }
  }
}
