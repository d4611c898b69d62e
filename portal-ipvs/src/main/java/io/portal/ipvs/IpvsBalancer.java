package io.portal.ipvs;

import com.google.common.collect.ImmutableMap;
import io.portal.core.InvalidException;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceFlag;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.BalancerException;
import io.portal.core.port.ObservedService;
import io.portal.core.port.ServerStats;
import io.portal.core.port.ServiceStats;
import io.portal.core.port.TrafficStats;
import io.portal.netlink.Errno;
import io.portal.netlink.NamespaceLock;
import io.portal.netlink.NetlinkException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Balances in the kernel: packets never enter the JVM, and what is balanced outlives it.
 * Thread-safe.
 */
public final class IpvsBalancer implements Balancer {

  private static final Logger log = LoggerFactory.getLogger(IpvsBalancer.class);

  private final IpvsClient client;
  private final Optional<NamespaceLock> lock;
  private Optional<IpvsSysctls> sysctls = Optional.empty();

  /** Services that were there last: what a dump then lacks is asked for by its key. */
  private final Set<ServiceId> known = ConcurrentHashMap.newKeySet();

  /** Services of others that portal cannot name, told of once each. */
  private final Set<IpvsKey> foreign = ConcurrentHashMap.newKeySet();

  /** A balancer over that client, which is closed with it. */
  public IpvsBalancer(IpvsClient client) {
    this(client, Optional.empty());
  }

  private IpvsBalancer(IpvsClient client, Optional<NamespaceLock> lock) {
    this.client = client;
    this.lock = lock;
  }

  /**
   * Opens the kernel's IPVS in the network namespace that the calling thread is in.
   *
   * @throws IpvsUnavailableException if IPVS cannot be used here, saying why and how to mend it
   * @throws NetlinkException if the kernel fails otherwise
   */
  public static IpvsBalancer open() throws IpvsUnavailableException, NetlinkException {
    return new IpvsBalancer(IpvsClient.open());
  }

  /**
   * Opens the kernel's IPVS as {@link #open()} does.
   *
   * @param lock keeps others out of this network namespace; closed with the balancer, and at once
   *     if that cannot be opened
   */
  public static IpvsBalancer open(Optional<NamespaceLock> lock)
      throws IpvsUnavailableException, NetlinkException {
    try {
      return new IpvsBalancer(IpvsClient.open(), lock);
    } catch (IOException | RuntimeException e) {
      lock.ifPresent(NamespaceLock::close);
      throw e;
    }
  }

  /**
   * Sets what portal's promises need of the network namespace's {@code net.ipv4.vs}.
   *
   * @param putBack whether closing the balancer puts back what was there before
   */
  public IpvsBalancer withSysctls(boolean putBack) {
    sysctls = Optional.of(IpvsSysctls.set(putBack));
    return this;
  }

  @Override
  public String name() {
    return "IPVS";
  }

  /**
   * With the fallback flag {@code sh} and {@code mh} look on for a server that takes connections
   * ({@code ip_vs_sh.c}, {@code ip_vs_mh.c}). {@code dh} has no such flag; {@code lblc} sends a
   * destination to one server too, and passes over those of weight 0.
   */
  @Override
  public ServiceSettings whileDraining(ServiceSettings settings) {
    return switch (settings.scheduler()) {
      case SH -> settings.withFlag(ServiceFlag.SH_FALLBACK);
      case MH -> settings.withFlag(ServiceFlag.MH_FALLBACK);
      case DH -> settings.withScheduler(Scheduler.LBLC);
      default -> settings;
    };
  }

  @Override
  public Map<ServiceId, ObservedService> observe() throws BalancerException {
    try {
      Map<ServiceId, IpvsService> services = new LinkedHashMap<>();
      for (IpvsServiceEntry entry : client.services()) {
        IpvsKey key = entry.service().key();
        Optional<ServiceId> id = IpvsMapping.id(key);
        if (id.isPresent()) {
          services.put(id.get(), entry.service());
        } else if (foreign.add(key)) {
          log.warn("IPVS holds {}, which is none of portal's; it is left alone", key);
        }
      }
      addMissed(services);
      return observeServers(services);
    } catch (NetlinkException e) {
      throw failed(e);
    }
  }

  /** Others that delete services during a dump can make it lack services that stay. */
  private void addMissed(Map<ServiceId, IpvsService> services) throws NetlinkException {
    List<ServiceId> missing = new ArrayList<>();
    for (ServiceId id : known) {
      if (!services.containsKey(id)) {
        missing.add(id);
      }
    }
    services.putAll(get(missing));
    known.addAll(services.keySet());
    known.retainAll(services.keySet());
  }

  private Map<ServiceId, IpvsService> get(Collection<ServiceId> ids) throws NetlinkException {
    List<IpvsKey> keys = ids.stream().map(IpvsMapping::key).toList();
    Map<IpvsKey, IpvsServiceEntry> entries = client.services(keys);
    Map<ServiceId, IpvsService> found = new LinkedHashMap<>();
    for (ServiceId id : ids) {
      IpvsServiceEntry entry = entries.get(IpvsMapping.key(id));
      if (entry != null) {
        found.put(id, entry.service());
      }
    }
    return found;
  }

  @Override
  public Map<ServiceId, ObservedService> observe(Collection<ServiceId> ids)
      throws BalancerException {
    try {
      return observeServers(get(ids));
    } catch (NetlinkException e) {
      throw failed(e);
    }
  }

  private Map<ServiceId, ObservedService> observeServers(Map<ServiceId, IpvsService> services)
      throws NetlinkException {
    Map<ServiceId, ObservedService> observed = new LinkedHashMap<>(services.size() * 4 / 3 + 1);
    // Servers of one installation differ little in their settings: keep one of each.
    Map<ServerSettings, Optional<ServerSettings>> shared = new HashMap<>();
    for (Map.Entry<ServiceId, IpvsService> entry : services.entrySet()) {
      IpvsService service = entry.getValue();
      ImmutableMap.Builder<ServerId, Optional<ServerSettings>> servers = ImmutableMap.builder();
      for (IpvsDestinationEntry destination : client.destinations(service.key())) {
        Optional<ServerId> server = IpvsMapping.id(destination.destination());
        if (server.isPresent()) {
          Optional<ServerSettings> settings = IpvsMapping.settings(destination.destination());
          servers.put(
              server.get(),
              settings.isEmpty() ? settings : shared.computeIfAbsent(settings.get(), Optional::of));
        }
      }
      observed.put(
          entry.getKey(),
          new ObservedService(
              entry.getKey(), IpvsMapping.settings(service), servers.buildKeepingLast()));
    }
    return observed;
  }

  @Override
  public boolean shared() {
    return true;
  }

  @Override
  public void check(Service service) {
    try {
      IpvsService made = IpvsMapping.service(service.id(), service.settings());
      new IpvsChange.AddService(made).check();
      for (Server server : service.servers()) {
        IpvsDestination destination = IpvsMapping.destination(server.id(), server.settings());
        new IpvsChange.AddDestination(made.key(), destination).check();
      }
    } catch (IllegalArgumentException e) {
      throw new InvalidException("IPVS cannot balance " + service.id() + ": " + e.getMessage());
    }
  }

  @Override
  public List<Failure> apply(List<? extends BalancerChange> changes) throws BalancerException {
    List<IpvsChange> steps = new ArrayList<>(changes.size());
    List<Integer> places = new ArrayList<>(changes.size());
    Map<Integer, Failure> failures = new TreeMap<>();
    for (int i = 0; i < changes.size(); i++) {
      BalancerChange change = changes.get(i);
      try {
        IpvsChange step = step(change);
        step.check();
        steps.add(step);
        places.add(i);
        remember(change);
      } catch (IllegalArgumentException e) {
        // One that makes no sense does not hold up the others.
        failures.put(i, new Failure(change, "EINVAL (" + e.getMessage() + ")"));
      }
    }
    try {
      for (IpvsFailure failure : client.apply(steps)) {
        int place = places.get(failure.index());
        failures.put(place, new Failure(changes.get(place), explain(failure)));
      }
      return List.copyOf(failures.values());
    } catch (NetlinkException e) {
      throw failed(e);
    }
  }

  private void remember(BalancerChange change) {
    if (change instanceof BalancerChange.AddService add) {
      known.add(add.service());
    } else if (change instanceof BalancerChange.RemoveService remove) {
      known.remove(remove.service());
    }
  }

  /** The errno's name, and what it means where that is not plain. */
  private static String explain(IpvsFailure failure) {
    String words = failure.kernelMessage();
    if (words.isEmpty() && failure.errno().equals(Errno.ENOENT)) {
      if (failure.change() instanceof IpvsChange.AddService add) {
        words = "this kernel has no scheduler " + add.service().scheduler();
      } else if (failure.change() instanceof IpvsChange.SetService set) {
        words = "this kernel has no scheduler " + set.service().scheduler();
      }
    } else if (words.isEmpty()
        && failure.errno().equals(Errno.EINVAL)
        && failure.change() instanceof IpvsChange.AddDestination) {
      words = "the address is none of a single host, or loopback is down";
    }
    return words.isEmpty() ? failure.errno().symbol() : failure.errno() + " (" + words + ")";
  }

  private static IpvsChange step(BalancerChange change) {
    IpvsKey key = IpvsMapping.key(change.service());
    if (change instanceof BalancerChange.AddService add) {
      return new IpvsChange.AddService(IpvsMapping.service(add.service(), add.settings()));
    } else if (change instanceof BalancerChange.UpdateService update) {
      return new IpvsChange.SetService(IpvsMapping.service(update.service(), update.settings()));
    } else if (change instanceof BalancerChange.RemoveService) {
      return new IpvsChange.RemoveService(key);
    } else if (change instanceof BalancerChange.AddServer add) {
      return new IpvsChange.AddDestination(
          key, IpvsMapping.destination(add.server(), add.settings()));
    } else if (change instanceof BalancerChange.UpdateServer update) {
      return new IpvsChange.SetDestination(
          key, IpvsMapping.destination(update.server(), update.settings()));
    } else if (change instanceof BalancerChange.RemoveServer remove) {
      return new IpvsChange.RemoveDestination(
          key, IpvsMapping.destination(remove.server(), ServerSettings.DEFAULT));
    }
    throw new IllegalArgumentException("change " + change + ": unknown kind");
  }

  @Override
  public Map<ServiceId, ServiceStats> stats(Collection<ServiceId> ids) throws BalancerException {
    try {
      Map<IpvsKey, IpvsServiceEntry> entries =
          client.services(ids.stream().map(IpvsMapping::key).toList());
      Map<ServiceId, ServiceStats> stats = new LinkedHashMap<>();
      for (ServiceId id : ids) {
        IpvsServiceEntry entry = entries.get(IpvsMapping.key(id));
        if (entry != null) {
          stats.put(id, new ServiceStats(id, traffic(entry.stats()), servers(entry.service())));
        }
      }
      return stats;
    } catch (NetlinkException e) {
      throw failed(e);
    }
  }

  /** One dump of the kernel's services. */
  @Override
  public Map<ServiceId, TrafficStats> traffic() throws BalancerException {
    try {
      Map<ServiceId, TrafficStats> traffic = new LinkedHashMap<>();
      for (IpvsServiceEntry entry : client.services()) {
        IpvsMapping.id(entry.service().key())
            .ifPresent(id -> traffic.put(id, traffic(entry.stats())));
      }
      return traffic;
    } catch (NetlinkException e) {
      throw failed(e);
    }
  }

  private ImmutableMap<ServerId, ServerStats> servers(IpvsService service) throws NetlinkException {
    ImmutableMap.Builder<ServerId, ServerStats> servers = ImmutableMap.builder();
    for (IpvsDestinationEntry entry : client.destinations(service.key())) {
      IpvsMapping.id(entry.destination())
          .ifPresent(
              id ->
                  servers.put(
                      id,
                      new ServerStats(
                          entry.activeConnections(),
                          entry.inactiveConnections(),
                          entry.persistentConnections(),
                          traffic(entry.stats()))));
    }
    return servers.buildKeepingLast();
  }

  private static TrafficStats traffic(IpvsStats stats) {
    return new TrafficStats(
        stats.connections(),
        stats.inPackets(),
        stats.outPackets(),
        stats.inBytes(),
        stats.outBytes(),
        stats.connectionsPerSecond(),
        stats.inPacketsPerSecond(),
        stats.outPacketsPerSecond(),
        stats.inBytesPerSecond(),
        stats.outBytesPerSecond());
  }

  /** Messages sent to the kernel so far that ask it to change something. */
  public long changesSent() {
    return client.changesSent();
  }

  /** Lets go of the socket; the kernel goes on balancing. */
  @Override
  public void close() {
    client.close();
    sysctls.ifPresent(IpvsSysctls::close);
    lock.ifPresent(NamespaceLock::close);
  }

  private static BalancerException failed(NetlinkException e) {
    return new BalancerException("IPVS: " + e.getMessage(), e);
  }
}
