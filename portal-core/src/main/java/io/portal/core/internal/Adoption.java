package io.portal.core.internal;

import io.portal.core.InvalidException;
import io.portal.core.RefusedException;
import io.portal.core.model.Netmask;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerException;
import io.portal.core.port.ObservedService;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what a balancer holds as desired: the other direction of reconciling. What is as desired
 * already stays to the letter.
 */
public final class Adoption {

  private static final Logger log = LoggerFactory.getLogger(Adoption.class);

  private Adoption() {}

  /**
   * The change that makes the desired services those that the balancer holds. Blocks.
   *
   * @param leftAlone services that are not portal's
   * @throws RefusedException if it cannot be observed, or holds what portal cannot express: the
   *     next pass would remove it
   */
  public static StateChange of(
      Balancer balancer, DesiredState state, Predicate<ServiceId> leftAlone) {
    Map<ServiceId, ObservedService> observed = observed(balancer);
    StateChange.Builder change = new StateChange.Builder();
    for (ServiceId id : state.services().keySet()) {
      if (!observed.containsKey(id)) {
        change.remove(id);
      }
    }
    List<ServiceId> strange = new ArrayList<>();
    for (ObservedService there : observed.values()) {
      if (!leftAlone.test(there.id()) && !adopt(balancer, there, state, change)) {
        strange.add(there.id());
      }
    }
    if (!strange.isEmpty()) {
      throw new RefusedException(
          balancer.name()
              + ": these services have traits that portal cannot keep, so nothing is taken over: "
              + strange
              + "; remove them, or give their networks to ignore-addresses");
    }
    return change.build();
  }

  /**
   * The change that adds those of these services that the balancer holds. Blocks.
   *
   * @throws RefusedException if it cannot be observed
   */
  static StateChange ofThese(Balancer balancer, DesiredState state, Set<ServiceId> ids) {
    StateChange.Builder change = new StateChange.Builder();
    observed(balancer).values().stream()
        .filter(there -> ids.contains(there.id()))
        .forEach(
            there -> {
              if (!adopt(balancer, there, state, change)) {
                log.warn("{} has traits that portal cannot keep; it is left alone", there.id());
              }
            });
    return change.build();
  }

  private static Map<ServiceId, ObservedService> observed(Balancer balancer) {
    try {
      return balancer.observe();
    } catch (BalancerException e) {
      throw new RefusedException(balancer.name() + ": " + e.getMessage(), e);
    }
  }

  /** Puts a service into the change; false if portal cannot express it. */
  private static boolean adopt(
      Balancer balancer, ObservedService there, DesiredState state, StateChange.Builder change) {
    if (there.settings().isEmpty()) {
      return false;
    }
    try {
      Service desired = state.services().get(there.id());
      change.put(adopted(balancer, there, there.settings().get(), desired));
      return true;
    } catch (InvalidException notOurs) {
      log.warn("{} cannot be taken over: {}", there.id(), notOurs.getMessage());
      return false;
    }
  }

  private static Service adopted(
      Balancer balancer,
      ObservedService there,
      ServiceSettings settings,
      @Nullable Service desired) {
    List<Server> servers = new ArrayList<>();
    there.servers().forEach((id, has) -> servers.add(adopted(id, has, desired)));
    if (desired == null) {
      return new Service(there.id(), plain(there.id(), settings), servers);
    }
    ServiceSettings explicit = desired.settings().withExplicitNetmask(there.id().addressBits());
    boolean same = settings.equals(explicit) || settings.equals(balancer.whileDraining(explicit));
    return new Service(
        there.id(),
        desired.interfaceName(),
        same ? desired.settings() : plain(there.id(), settings),
        sameAs(desired.servers(), servers) ? desired.servers() : servers,
        desired.drainUntil());
  }

  private static Server adopted(
      ServerId id, Optional<ServerSettings> has, @Nullable Service desired) {
    Server known = desired == null ? null : desired.server(id).orElse(null);
    if (desired != null
        && known != null
        && has.equals(Optional.of(desired.effectiveSettings(known)))) {
      return known;
    }
    return new Server(id, has.orElse(ServerSettings.DEFAULT));
  }

  private static boolean sameAs(List<Server> desired, List<Server> servers) {
    return desired.size() == servers.size() && servers.containsAll(desired);
  }

  /** A full netmask is what nobody asked for. */
  private static ServiceSettings plain(ServiceId id, ServiceSettings settings) {
    Netmask full = Netmask.full(id.addressBits());
    return full.equals(settings.netmask()) ? settings.withNetmask(null) : settings;
  }
}
