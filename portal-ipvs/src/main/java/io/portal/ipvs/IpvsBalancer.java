package io.portal.ipvs;

import com.google.common.collect.ImmutableMap;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.BalancerException;
import io.portal.core.port.ObservedService;
import io.portal.core.port.ServerStats;
import io.portal.core.port.ServiceStats;
import io.portal.core.port.TrafficStats;
import io.portal.netlink.NetlinkException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  /** Services that were there last: what a dump then lacks is asked for by its key. */
  private final Set<ServiceId> known = ConcurrentHashMap.newKeySet();

  /** Services of others that portal cannot name, told of once each. */
  private final Set<IpvsKey> foreign = ConcurrentHashMap.newKeySet();

  /** A balancer over that client, which is closed with it. */
  public IpvsBalancer(IpvsClient client) {
    this.client = client;
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

  @Override
  public String name() {
    return "IPVS";
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
  public List<Failure> apply(List<? extends BalancerChange> changes) throws BalancerException {
    List<IpvsChange> steps = new ArrayList<>(changes.size());
    for (BalancerChange change : changes) {
      steps.add(step(change));
      if (change instanceof BalancerChange.AddService add) {
        known.add(add.service());
      } else if (change instanceof BalancerChange.RemoveService remove) {
        known.remove(remove.service());
      }
    }
    try {
      List<Failure> failures = new ArrayList<>();
      for (IpvsFailure failure : client.apply(steps)) {
        String error = failure.errno().symbol();
        failures.add(
            new Failure(
                changes.get(failure.index()),
                failure.kernelMessage().isEmpty()
                    ? error
                    : error + " (" + failure.kernelMessage() + ")"));
      }
      return failures;
    } catch (NetlinkException e) {
      throw failed(e);
    } catch (IllegalArgumentException e) {
      throw new BalancerException("IPVS: " + e.getMessage(), e);
    }
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
  }

  private static BalancerException failed(NetlinkException e) {
    return new BalancerException("IPVS: " + e.getMessage(), e);
  }
}
