package io.portal.core.internal;

import io.portal.core.ConflictException;
import io.portal.core.InvalidException;
import io.portal.core.model.Addresses;
import io.portal.core.model.Cert;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceType;
import io.portal.core.model.Vip;
import io.portal.core.port.Balancer;
import io.portal.core.port.Proxy;
import io.portal.core.port.VipManager;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Predicate;

/** Refuses a change that cannot be made, before anything is stored. */
record Checks(
    Optional<Balancer> balancer,
    Optional<Proxy> proxy,
    Optional<VipManager> vips,
    Collection<InetSocketAddress> reserved,
    Predicate<ServiceId> leftAlone) {

  /**
   * Checks everything that the change puts.
   *
   * @param after the state with the change
   * @throws InvalidException if something cannot be done here
   * @throws ConflictException if a vip's address or alias is in use
   */
  void check(StateChange change, DesiredState after) {
    change.services().values().forEach(service -> service.ifPresent(this::checkService));
    change.routes().values().forEach(r -> r.ifPresent(route -> RouteCheck.check(route.id())));
    for (Optional<Cert> cert : change.certs().values()) {
      cert.ifPresent(c -> proxy.ifPresent(p -> p.check(c)));
    }
    for (Optional<Vip> vip : change.vips().values()) {
      vip.ifPresent(v -> checkVip(v, after));
    }
  }

  private void checkService(Service service) {
    InetAddress host = service.host();
    if (service.type() == ServiceType.TCP && host != null) {
      for (InetSocketAddress socket : reserved) {
        InetAddress address = socket.getAddress();
        if ((socket.getPort() == service.port() || service.port() == 0)
            && (address.isAnyLocalAddress() || address.equals(host))) {
          throw new InvalidException(
              "Socket in use: '" + Addresses.socketText(address, socket.getPort()) + "'");
        }
      }
    }
    if (leftAlone.test(service.id())) {
      throw InvalidException.field(
          "host",
          service.id().display(),
          "outside the addresses that portal is told to leave alone");
    }
    balancer.ifPresent(b -> b.check(service));
  }

  private void checkVip(Vip vip, DesiredState after) {
    if (vip.id().ip().address().isLoopbackAddress()) {
      // Removing such a vip would take the host's own loopback address away.
      throw InvalidException.field(
          "ip", vip.ip(), "no loopback address: 127.0.0.0/8 and ::1 are every host's own");
    }
    for (Vip other : after.vips().values()) {
      if (other.id().equals(vip.id())) {
        continue;
      }
      if (other.id().ip().address().equals(vip.id().ip().address())) {
        throw new ConflictException(
            "Vip ip in use - '" + vip.id().ip() + "': it is on " + other.id().interfaceName());
      }
      if (!vip.alias().isEmpty() && other.alias().equals(vip.alias())) {
        throw new ConflictException(
            "Vip alias in use - '" + vip.alias() + "': " + other.id() + " has it");
      }
    }
    vips.ifPresent(manager -> manager.check(vip));
  }
}
