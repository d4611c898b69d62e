package io.portal.core.internal;

import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
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
 * Watches what is being removed with a drain, and removes it when its last active connection has
 * ended or its time is up. Used by the reconciler's thread only.
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

  /** The edit that removes what has drained; empty if nothing has. May block. */
  Optional<Function<DesiredState, StateChange>> finished(DesiredState state) {
    running = false;
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
    boolean idle = decides && service.servers().stream().allMatch(s -> active(stats, s.id()) == 0);
    Instant until = service.drainUntil();
    if (until != null) {
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
        boolean ended = decides && active(stats, server.id()) == 0;
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

  private static long active(@Nullable ServiceStats stats, ServerId server) {
    ServerStats serverStats = stats == null ? null : stats.servers().get(server);
    return serverStats == null ? 0 : serverStats.activeConnections();
  }
}
