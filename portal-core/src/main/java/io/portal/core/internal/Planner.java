package io.portal.core.internal;

import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.BalancerChange.AddServer;
import io.portal.core.port.BalancerChange.AddService;
import io.portal.core.port.BalancerChange.RemoveServer;
import io.portal.core.port.BalancerChange.RemoveService;
import io.portal.core.port.BalancerChange.UpdateServer;
import io.portal.core.port.BalancerChange.UpdateService;
import io.portal.core.port.ObservedService;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Finds the smallest list of changes that turns what is there into what is desired. Pure.
 *
 * <p>Servers are added in the order of their ids, so that every director of a cluster gets the same
 * {@code mh} table. Within a service what is new comes before what goes, and services that go come
 * last, so that there is no moment with less than both have in common.
 */
public final class Planner {

  private Planner() {}

  /**
   * The changes for these services.
   *
   * @param services the services to look at; those that are neither desired nor observed are
   *     skipped
   * @param desired the desired services by id; may hold others
   * @param observed what is there by id; may hold others
   */
  public static List<BalancerChange> plan(
      Collection<ServiceId> services,
      Map<ServiceId, Service> desired,
      Map<ServiceId, ObservedService> observed) {
    return plan(services, desired, observed, UnaryOperator.identity());
  }

  /**
   * The changes for these services.
   *
   * @param whileDraining what a service is to have while servers of it drain
   */
  static List<BalancerChange> plan(
      Collection<ServiceId> services,
      Map<ServiceId, Service> desired,
      Map<ServiceId, ObservedService> observed,
      UnaryOperator<ServiceSettings> whileDraining) {
    List<BalancerChange> plan = new ArrayList<>();
    List<BalancerChange> removals = new ArrayList<>();
    for (ServiceId id : services) {
      Service wanted = desired.get(id);
      ObservedService there = observed.get(id);
      if (wanted != null) {
        planService(wanted, there, whileDraining, plan);
      } else if (there != null) {
        removals.add(new RemoveService(id));
      }
    }
    plan.addAll(removals);
    return plan;
  }

  private static void planService(
      Service wanted,
      @Nullable ObservedService there,
      UnaryOperator<ServiceSettings> whileDraining,
      List<BalancerChange> plan) {
    ServiceId id = wanted.id();
    ServiceSettings plain = wanted.settings().withExplicitNetmask(id.addressBits());
    ServiceSettings settings = drainsServers(wanted) ? whileDraining.apply(plain) : plain;
    if (there == null) {
      plan.add(new AddService(id, settings));
      for (Server server : ordered(wanted.servers())) {
        plan.add(new AddServer(id, server.id(), wanted.effectiveSettings(server)));
      }
      return;
    }
    boolean differs = !there.settings().equals(Optional.of(settings));
    // What spares the clients of a draining server goes when that server has gone.
    boolean drained = there.settings().equals(Optional.of(whileDraining.apply(settings)));
    if (differs && !drained) {
      plan.add(new UpdateService(id, settings));
    }
    Set<ServerId> kept = new HashSet<>();
    for (Server server : ordered(wanted.servers())) {
      kept.add(server.id());
      ServerSettings wantedSettings = wanted.effectiveSettings(server);
      Optional<ServerSettings> thereSettings = there.servers().get(server.id());
      if (thereSettings == null) {
        plan.add(new AddServer(id, server.id(), wantedSettings));
      } else if (!thereSettings.equals(Optional.of(wantedSettings))) {
        plan.add(new UpdateServer(id, server.id(), wantedSettings));
      }
    }
    for (ServerId server : there.servers().keySet()) {
      if (!kept.contains(server)) {
        plan.add(new RemoveServer(id, server));
      }
    }
    if (differs && drained) {
      plan.add(new UpdateService(id, settings));
    }
  }

  /** Whether servers of it drain; where the whole service does, new clients are to be refused. */
  private static boolean drainsServers(Service service) {
    return !service.draining() && service.servers().stream().anyMatch(Server::draining);
  }

  private static List<Server> ordered(List<Server> servers) {
    if (servers.size() < 2) {
      return servers;
    }
    return servers.stream().sorted(Comparator.comparing(Server::id)).toList();
  }
}
