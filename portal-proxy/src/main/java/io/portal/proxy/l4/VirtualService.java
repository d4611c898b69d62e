package io.portal.proxy.l4;

import com.google.common.collect.ImmutableMap;
import io.portal.core.model.Netmask;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.ObservedService;
import io.portal.core.port.ServerStats;
import io.portal.core.port.ServiceStats;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A service's servers and the rules by which connections get them; knows no sockets. Thread-safe:
 * every method takes the one lock of the service, for at most one walk over its servers.
 */
final class VirtualService {

  private final ServiceId id;
  private final LongSupplier nanoTime;
  private final Traffic traffic = new Traffic();
  private final Map<ServerId, Backend> servers = new LinkedHashMap<>();

  /** Removed servers that still have connections; added again, they keep their counts. */
  private final Map<ServerId, Backend> leaving = new HashMap<>();

  /** The servers as the scheduler knows them; null when it has yet to be told of a change. */
  private @Nullable List<Backend> order = List.of();

  private ServiceSettings settings;
  private Scheduling scheduling;
  private @Nullable Persistence persistence;

  VirtualService(ServiceId id, ServiceSettings settings, LongSupplier nanoTime) {
    this.id = id;
    this.nanoTime = nanoTime;
    this.settings = settings;
    this.scheduling = Scheduling.of(settings.scheduler(), nanoTime);
    this.persistence = persistence(settings);
  }

  ServiceId id() {
    return id;
  }

  Traffic traffic() {
    return traffic;
  }

  /** Gives a connection its server and counts it; null when no server may take it. */
  synchronized @Nullable Assignment assign(Flow flow) {
    long now = nanoTime.getAsLong();
    Backend backend = persistence == null ? null : persistence.find(flow, now);
    if (backend == null) {
      backend = scheduling.pick(order(), flow);
    }
    if (backend == null) {
      return null;
    }
    // UDP sessions count as inactive, as in the kernel.
    boolean active = id.type() == ServiceType.TCP;
    backend.begin(active);
    backend.traffic().connections.increment();
    traffic.connections.increment();
    return new Assignment(
        this,
        flow,
        backend,
        active,
        persistence == null ? null : persistence.hold(flow.client(), backend, now));
  }

  /** A connection to that server has ended. */
  synchronized void ended(Backend backend) {
    if (!backend.present() && backend.total() == 0) {
      leaving.remove(backend.id(), backend);
    }
  }

  /** Changes the settings; what a changed scheduler or netmask had learnt is forgotten. */
  synchronized void update(ServiceSettings changed) {
    if (changed.scheduler() != settings.scheduler()) {
      scheduling = Scheduling.of(changed.scheduler(), nanoTime);
      order = null;
    }
    Persistence next = persistence(changed);
    if (persistence != null
        && (next == null
            || !next.timeout().equals(persistence.timeout())
            || !next.netmask().equals(persistence.netmask()))) {
      persistence.clear();
      persistence = next;
    } else if (persistence == null) {
      persistence = next;
    }
    settings = changed;
  }

  /** Adds a server; false if it is there. */
  synchronized boolean add(ServerId server, ServerSettings serverSettings) {
    if (servers.containsKey(server)) {
      return false;
    }
    Backend known = leaving.remove(server);
    Backend backend = known == null ? new Backend(server, serverSettings) : known;
    backend.update(serverSettings);
    backend.present(true);
    servers.put(server, backend);
    order = null;
    return true;
  }

  /** Changes a server; false if there is none. */
  synchronized boolean update(ServerId server, ServerSettings serverSettings) {
    Backend backend = servers.get(server);
    if (backend == null) {
      return false;
    }
    backend.update(serverSettings);
    order = null;
    return true;
  }

  /** Removes a server; null if there is none. Its connections are counted until they end. */
  synchronized @Nullable Backend remove(ServerId server) {
    Backend backend = servers.remove(server);
    if (backend == null) {
      return null;
    }
    backend.present(false);
    if (persistence != null) {
      persistence.forget(backend);
    }
    if (backend.total() > 0) {
      leaving.put(server, backend);
    }
    order = null;
    return backend;
  }

  synchronized ObservedService observe() {
    ImmutableMap.Builder<ServerId, Optional<ServerSettings>> observed = ImmutableMap.builder();
    for (Backend backend : servers.values()) {
      observed.put(backend.id(), Optional.of(backend.settings()));
    }
    return new ObservedService(
        id, Optional.of(settings.withExplicitNetmask(id.addressBits())), observed.buildOrThrow());
  }

  synchronized ServiceStats stats() {
    long now = nanoTime.getAsLong();
    if (persistence != null) {
      persistence.expire(now);
    }
    ImmutableMap.Builder<ServerId, ServerStats> stats = ImmutableMap.builder();
    for (Backend backend : servers.values()) {
      stats.put(
          backend.id(),
          new ServerStats(
              backend.active(),
              backend.inactive(),
              backend.sticking(),
              backend.traffic().read(now)));
    }
    return new ServiceStats(id, traffic.read(now), stats.buildOrThrow());
  }

  private List<Backend> order() {
    List<Backend> known = order;
    if (known == null) {
      known = List.copyOf(servers.values());
      scheduling.changed(known);
      order = known;
    }
    return known;
  }

  private @Nullable Persistence persistence(ServiceSettings of) {
    if (of.persistence().isZero()) {
      return null;
    }
    Netmask netmask = of.netmask();
    return new Persistence(
        of.persistence(), netmask == null ? Netmask.full(id.addressBits()) : netmask);
  }
}
