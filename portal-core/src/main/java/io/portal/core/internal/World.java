package io.portal.core.internal;

import io.portal.core.PortalException;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.core.port.VipOwnership;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All that is made as desired: services, the proxy's table, vips and the packet filter. A part that
 * this host does not have is empty. Used by the reconciler's thread only.
 */
record World(
    Optional<ServicesWorld> services,
    Optional<ProxyWorld> proxy,
    Optional<VipsWorld> vips,
    Optional<FirewallWorld> firewall,
    VipOwnership ownership) {

  /**
   * Makes a change of the desired state real, all or nothing.
   *
   * @throws PortalException if a part of it is refused; all is as it was before
   */
  void change(StateChange change, DesiredState before, DesiredState after) {
    boolean proxyChanges =
        !change.routes().isEmpty() || !change.certs().isEmpty() || change.pages().isPresent();
    boolean vipsDone = false;
    boolean servicesDone = false;
    boolean firewallDone = false;
    try {
      if (!change.vips().isEmpty()) {
        vips.ifPresent(v -> v.change(change.vips().keySet(), mine(before), mine(after)));
        vipsDone = true;
      }
      if (!change.services().isEmpty()) {
        services.ifPresent(
            s -> s.change(change.services().keySet(), before.services(), after.services()));
        servicesDone = true;
        firewall.ifPresent(
            f -> f.change(change.services().keySet(), balanced(before), balanced(after)));
        firewallDone = true;
      }
      if (proxyChanges) {
        proxy.ifPresent(p -> p.change(after));
      }
    } catch (RuntimeException e) {
      if (firewallDone) {
        firewall.ifPresent(f -> f.restore(balanced(before)));
      }
      if (servicesDone) {
        services.ifPresent(s -> s.restore(change.services().keySet(), before.services()));
      }
      if (vipsDone) {
        vips.ifPresent(v -> v.restore(change.vips().keySet(), mine(before)));
      }
      throw e;
    }
  }

  /** Makes the state before a change real again, as far as that is possible now. */
  void restore(StateChange change, DesiredState before) {
    services.ifPresent(s -> s.restore(change.services().keySet(), before.services()));
    vips.ifPresent(v -> v.restore(change.vips().keySet(), mine(before)));
    if (!change.services().isEmpty()) {
      firewall.ifPresent(f -> f.restore(balanced(before)));
    }
    if (!change.routes().isEmpty() || !change.certs().isEmpty() || change.pages().isPresent()) {
      proxy.ifPresent(p -> p.restore(before));
    }
  }

  /** Repairs whatever differs; what fails is noted and tried later. */
  void pass(DesiredState desired, boolean first) {
    vips.ifPresent(v -> v.pass(desired.vips().keySet(), mine(desired), first));
    services.ifPresent(s -> s.pass(desired.services(), first));
    firewall.ifPresent(f -> f.pass(balanced(desired), first));
    proxy.ifPresent(p -> p.pass(desired));
  }

  /** Repairs vips only, as after an event of addresses. */
  void passVips(DesiredState desired) {
    vips.ifPresent(
        v -> {
          v.hurry(desired.vips().keySet());
          v.pass(desired.vips().keySet(), mine(desired), false);
        });
  }

  /** Repairs these services only, as when one of them was found missing. */
  void passServices(Set<ServiceId> ids, DesiredState desired) {
    services.ifPresent(s -> s.pass(ids, desired.services()));
  }

  /** Removes all services and vips of that state, and what the packet filter has of portal. */
  void clear(DesiredState state) {
    services.ifPresent(s -> s.restore(state.services().keySet(), Map.<ServiceId, Service>of()));
    vips.ifPresent(v -> v.restore(state.vips().keySet(), Map.<VipId, Vip>of()));
    firewall.ifPresent(FirewallWorld::clear);
  }

  /** The services that this host takes packets for. */
  private Set<ServiceId> balanced(DesiredState state) {
    return services.isPresent() ? state.services().keySet() : Set.of();
  }

  private Map<VipId, Vip> mine(DesiredState state) {
    if (ownership == VipOwnership.ALL) {
      return state.vips();
    }
    Map<VipId, Vip> mine = new LinkedHashMap<>(state.vips());
    mine.keySet().removeIf(id -> !ownership.owns(id));
    return mine;
  }
}
