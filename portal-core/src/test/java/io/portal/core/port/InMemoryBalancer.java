package io.portal.core.port;

import com.google.common.collect.ImmutableMap;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A balancer that only remembers what it was told, with the habits of the kernel: what exists
 * cannot be added, what does not exist cannot be changed. Thread-safe.
 */
public final class InMemoryBalancer implements Balancer {

  private final Map<ServiceId, Entry> services = new TreeMap<>();
  private final Map<ServerId, Long> activeConnections = new LinkedHashMap<>();
  private final Map<ServerId, Long> inactiveConnections = new LinkedHashMap<>();
  private final List<BalancerChange> applied = new ArrayList<>();
  private Function<BalancerChange, Optional<String>> refusal = change -> Optional.empty();
  private String broken = "";
  private boolean shared;

  /** Refuses changes from now on where the function answers a reason. */
  public synchronized void refuse(Function<BalancerChange, Optional<String>> reason) {
    refusal = reason;
  }

  /** Nothing works from now on, for that reason; empty to work again. */
  public synchronized void breakDown(String reason) {
    broken = reason;
  }

  /** That server has so many active connections from now on. */
  public synchronized void activeConnections(ServerId server, long connections) {
    activeConnections.put(server, connections);
  }

  /** That server has so many connections that are not established from now on. */
  public synchronized void inactiveConnections(ServerId server, long connections) {
    inactiveConnections.put(server, connections);
  }

  /** What was asked for and done since the last call. */
  public synchronized List<BalancerChange> takeApplied() {
    List<BalancerChange> taken = List.copyOf(applied);
    applied.clear();
    return taken;
  }

  /** Forgets all services, as {@code ipvsadm -C} would. */
  public synchronized void clear() {
    services.clear();
  }

  /** Others put services there too from now on. */
  public synchronized void share() {
    shared = true;
  }

  @Override
  public synchronized boolean shared() {
    return shared;
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public synchronized Map<ServiceId, ObservedService> observe() throws BalancerException {
    return observe(List.copyOf(services.keySet()));
  }

  @Override
  public synchronized Map<ServiceId, ObservedService> observe(Collection<ServiceId> ids)
      throws BalancerException {
    checkWorks();
    Map<ServiceId, ObservedService> observed = new LinkedHashMap<>();
    for (ServiceId id : ids) {
      Entry entry = services.get(id);
      if (entry != null) {
        ImmutableMap.Builder<ServerId, Optional<ServerSettings>> servers = ImmutableMap.builder();
        entry.servers.forEach((server, settings) -> servers.put(server, Optional.of(settings)));
        observed.put(
            id,
            new ObservedService(
                id,
                Optional.of(entry.settings.withExplicitNetmask(id.addressBits())),
                servers.buildOrThrow()));
      }
    }
    return observed;
  }

  @Override
  public synchronized List<Failure> apply(List<? extends BalancerChange> changes)
      throws BalancerException {
    checkWorks();
    List<Failure> failed = new ArrayList<>();
    for (BalancerChange change : changes) {
      Optional<String> refused = refusal.apply(change);
      String error = refused.isPresent() ? refused.get() : carryOut(change);
      if (error.isEmpty()) {
        applied.add(change);
      } else {
        failed.add(new Failure(change, error));
      }
    }
    return failed;
  }

  private String carryOut(BalancerChange change) {
    Entry entry = services.get(change.service());
    if (change instanceof BalancerChange.AddService add) {
      return entry == null && services.put(add.service(), new Entry(add.settings())) == null
          ? ""
          : "EEXIST";
    }
    if (entry == null) {
      return "ESRCH";
    }
    if (change instanceof BalancerChange.UpdateService update) {
      entry.settings = update.settings();
    } else if (change instanceof BalancerChange.RemoveService remove) {
      services.remove(remove.service());
    } else if (change instanceof BalancerChange.AddServer add) {
      return entry.servers.putIfAbsent(add.server(), add.settings()) == null ? "" : "EEXIST";
    } else if (change instanceof BalancerChange.UpdateServer update) {
      return entry.servers.replace(update.server(), update.settings()) == null ? "ENOENT" : "";
    } else if (change instanceof BalancerChange.RemoveServer remove) {
      return entry.servers.remove(remove.server()) == null ? "ENOENT" : "";
    }
    return "";
  }

  private void checkWorks() throws BalancerException {
    if (!broken.isEmpty()) {
      throw new BalancerException(broken);
    }
  }

  @Override
  public synchronized Map<ServiceId, ServiceStats> stats(Collection<ServiceId> ids) {
    Map<ServiceId, ServiceStats> stats = new LinkedHashMap<>();
    for (ServiceId id : ids) {
      Entry entry = services.get(id);
      if (entry != null) {
        ImmutableMap.Builder<ServerId, ServerStats> servers = ImmutableMap.builder();
        for (ServerId server : entry.servers.keySet()) {
          long active = activeConnections.getOrDefault(server, 0L);
          long inactive = inactiveConnections.getOrDefault(server, 0L);
          servers.put(server, new ServerStats(active, inactive, 0, TrafficStats.NONE));
        }
        stats.put(id, new ServiceStats(id, TrafficStats.NONE, servers.buildOrThrow()));
      }
    }
    return stats;
  }

  @Override
  public void close() {}

  private static final class Entry {
    private ServiceSettings settings;
    private final Map<ServerId, ServerSettings> servers = new LinkedHashMap<>();

    private Entry(ServiceSettings settings) {
      this.settings = settings;
    }
  }
}
