package io.portal.core.internal;

import io.portal.core.model.Server;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.VipId;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerException;
import io.portal.core.port.ServerStats;
import io.portal.core.port.ServiceStats;
import io.portal.core.port.VipOwnership;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches what is being removed with a drain, and removes it when its last connection has ended or
 * its time is up. Used by the reconciler's thread only.
 *
 * <p>Inactive connections count too: a balancer counts as inactive what is not established in both
 * directions, so a half-closed transfer or a UDP session is one of them, and what is removed from
 * under them is cut off. A server that the balancer does not list at all (somebody flushed the
 * table) has an unknown number of connections, so it is not taken for idle.
 */
final class Drainer {

  private static final Logger log = LoggerFactory.getLogger(Drainer.class);

  /** What is to be watched. */
  static boolean drains(Service service) {
    return service.draining() || service.servers().stream().anyMatch(Server::draining);
  }

  /** How often connections are counted. */
  static final Duration PERIOD = Duration.ofMillis(500);

  private final Optional<Balancer> balancer;
  private final VipOwnership ownership;
  private final InstantSource clock;
  private final Set<ServiceId> draining;
  private final Set<ServiceId> missing = new HashSet<>();
  private boolean running;

  Drainer(
      Optional<Balancer> balancer,
      VipOwnership ownership,
      InstantSource clock,
      ServiceIndex draining) {
    this.balancer = balancer;
    this.ownership = ownership;
    this.clock = clock;
    this.draining = draining.ids();
  }

  /** Whether counting is to be scheduled: something drains, and it is not scheduled yet. */
  boolean start() {
    if (running || draining.isEmpty()) {
      return false;
    }
    running = true;
    return true;
  }

  /**
   * The services that the balancer did not list, or not with all of their draining servers, when
   * {@link #finished} asked last.
   */
  Set<ServiceId> missing() {
    return Set.copyOf(missing);
  }

  /** The edit that removes what has drained; empty if nothing has. May block. */
  Optional<Function<DesiredState, StateChange>> finished(DesiredState state) {
    running = false;
    missing.clear();
    Map<ServiceId, ServiceStats> stats;
    try {
      stats = balancer.isPresent() ? balancer.get().stats(draining) : Map.of();
    } catch (BalancerException e) {
      log.warn("connections of draining servers cannot be counted: {}", e.getMessage());
      return Optional.empty();
    }
    StateChange.Builder change = new StateChange.Builder();
    for (ServiceId id : draining) {
      Service service = state.services().get(id);
      if (service != null) {
        finish(service, stats.get(id), decides(service, state), change);
      }
    }
    StateChange finished = change.build();
    if (finished.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        current -> {
          StateChange.Builder still = new StateChange.Builder();
          finished
              .services()
              .forEach(
                  (id, after) -> {
                    if (Objects.equals(current.services().get(id), state.services().get(id))) {
                      after.ifPresentOrElse(still::put, () -> still.remove(id));
                    }
                  });
          return still.build();
        });
  }

  /**
   * Whether this host sees the service's connections: where its address is a vip, only the member
   * of the cluster that has the vip does.
   */
  private boolean decides(Service service, DesiredState state) {
    List<VipId> vips =
        state.vips().keySet().stream()
            .filter(vip -> vip.ip().address().equals(service.host()))
            .toList();
    return vips.isEmpty() || vips.stream().anyMatch(ownership::owns);
  }

  private void finish(
      Service service, @Nullable ServiceStats stats, boolean decides, StateChange.Builder change) {
    Instant until = service.drainUntil();
    if (until != null) {
      boolean idle = decides && idle(service, service.servers(), stats);
      if (idle || passed(until)) {
        log.info("{} has drained{} and is removed", service.id(), idle ? "" : " for its time");
        change.remove(service.id());
      }
      return;
    }
    Service left = service;
    for (Server server : service.servers()) {
      Instant serverUntil = server.drainUntil();
      if (serverUntil != null) {
        boolean ended = decides && idle(service, List.of(server), stats);
        if (ended || passed(serverUntil)) {
          log.info(
              "{} of {} has drained{} and is removed",
              server.id(),
              service.id(),
              ended ? "" : " for its time");
          left = left.withoutServer(server.id());
        }
      }
    }
    if (left != service) {
      change.put(left);
    }
  }

  private boolean passed(Instant time) {
    return !clock.instant().isBefore(time);
  }

  /** Whether the balancer lists all of these servers, and no connection to any of them. */
  private boolean idle(Service service, List<Server> servers, @Nullable ServiceStats stats) {
    boolean idle = true;
    if (stats == null && balancer.isPresent()) {
      missing.add(service.id());
      return false;
    }
    for (Server server : servers) {
      ServerStats counted = stats == null ? null : stats.servers().get(server.id());
      if (counted != null) {
        idle &= counted.activeConnections() == 0 && counted.inactiveConnections() == 0;
      } else if (balancer.isPresent()) {
        missing.add(service.id());
        idle = false;
      }
    }
    return idle;
  }
}
