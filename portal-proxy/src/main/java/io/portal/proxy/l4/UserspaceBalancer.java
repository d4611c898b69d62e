package io.portal.proxy.l4;

import com.google.common.collect.ImmutableMap;
import io.portal.core.InvalidException;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceType;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.ObservedService;
import io.portal.core.port.ServiceStats;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Balances TCP and UDP in this process, for hosts where IPVS cannot be had. It needs no privilege
 * but that of binding the services' addresses, which must be on this host.
 *
 * <p>Schedulers, weights, thresholds and persistence are the kernel's ({@code
 * net/netfilter/ipvs/ip_vs_*.c}). What differs:
 *
 * <ul>
 *   <li>Every forwarder is a relay: servers see this host's address, answers come back through it,
 *       and with {@code g} and {@code i} a server need not have the service's address.
 *   <li>A server that does not accept a TCP connection is replaced once, before any byte was sent,
 *       by whatever the scheduler picks without it. The hashing schedulers ({@code dh sh mh}) name
 *       one server for each client, so there the client is reset.
 *   <li>A server that is removed keeps its TCP connections until they end; its UDP sessions end at
 *       once, so that the next datagram finds another server. Removing a service, or closing the
 *       balancer, resets its connections.
 *   <li>Weight 0 also frees the clients that stick to the server.
 * </ul>
 *
 * <p>Connections through other servers and services are never touched by a change. Thread-safe as
 * {@link Balancer} says; {@link #observe}, {@link #stats} and the event loops see each change
 * whole. Nothing blocks but binding.
 */
public final class UserspaceBalancer implements Balancer {

  private record Entry(VirtualService service, Listener listener) {}

  private final Map<ServiceId, Entry> services = new ConcurrentHashMap<>();
  private final UserspaceOptions options;
  private final LongSupplier nanoTime;
  private final Transport transport;

  /** A balancer with the default options. */
  public UserspaceBalancer() {
    this(UserspaceOptions.DEFAULT);
  }

  /** Starts the event loops. */
  public UserspaceBalancer(UserspaceOptions options) {
    this(options, System::nanoTime);
  }

  UserspaceBalancer(UserspaceOptions options, LongSupplier nanoTime) {
    this.options = options;
    this.nanoTime = nanoTime;
    this.transport = Transport.open(options.threads(), options.nativeTransport());
  }

  @Override
  public String name() {
    return "userspace";
  }

  /** What carries the connections: {@code epoll} or {@code nio}. */
  public String transport() {
    return transport.epoll() ? "epoll" : "nio";
  }

  @Override
  public void check(Service service) {
    String reason = unsupported(service.type());
    if (reason != null) {
      throw InvalidException.field(
          "type", service.type(), "tcp or udp with the userspace balancer: " + reason);
    }
    UserspaceRules.check(service);
  }

  private static @Nullable String unsupported(ServiceType type) {
    return switch (type) {
      case TCP, UDP -> null;
      case SCTP -> "it relays through sockets of the JDK, which has none for sctp";
      case FWMARK -> "marks are on packets, which it never sees";
    };
  }

  @Override
  public Map<ServiceId, ObservedService> observe() {
    return observe(services.keySet());
  }

  @Override
  public Map<ServiceId, ObservedService> observe(Collection<ServiceId> ids) {
    ImmutableMap.Builder<ServiceId, ObservedService> observed = ImmutableMap.builder();
    for (ServiceId id : ids) {
      Entry entry = services.get(id);
      if (entry != null) {
        observed.put(id, entry.service().observe());
      }
    }
    return observed.buildKeepingLast();
  }

  @Override
  public Map<ServiceId, ServiceStats> stats(Collection<ServiceId> ids) {
    ImmutableMap.Builder<ServiceId, ServiceStats> stats = ImmutableMap.builder();
    for (ServiceId id : ids) {
      Entry entry = services.get(id);
      if (entry != null) {
        stats.put(id, entry.service().stats());
      }
    }
    return stats.buildKeepingLast();
  }

  @Override
  public List<Failure> apply(List<? extends BalancerChange> changes) {
    List<Failure> failures = new ArrayList<>();
    for (BalancerChange change : changes) {
      String error = apply(change);
      if (error != null) {
        failures.add(new Failure(change, error));
      }
    }
    return List.copyOf(failures);
  }

  private @Nullable String apply(BalancerChange change) {
    if (change instanceof BalancerChange.AddService add) {
      return addService(add);
    }
    Entry entry = services.get(change.service());
    if (entry == null) {
      return "ENOENT: there is no service " + change.service();
    }
    VirtualService service = entry.service();
    boolean done = true;
    if (change instanceof BalancerChange.UpdateService update) {
      service.update(update.settings());
    } else if (change instanceof BalancerChange.RemoveService) {
      services.remove(change.service());
      entry.listener().close();
    } else if (change instanceof BalancerChange.AddServer add) {
      if (!service.add(add.server(), add.settings())) {
        return "EEXIST: the service has server " + add.server();
      }
    } else if (change instanceof BalancerChange.UpdateServer update) {
      done = service.update(update.server(), update.settings());
    } else if (change instanceof BalancerChange.RemoveServer remove) {
      Backend removed = service.remove(remove.server());
      done = removed != null;
      if (removed != null) {
        entry.listener().removed(removed);
      }
    }
    return done ? null : "ENOENT: the service has no such server";
  }

  private @Nullable String addService(BalancerChange.AddService add) {
    ServiceId id = add.service();
    if (services.containsKey(id)) {
      return "EEXIST: there is a service " + id;
    }
    String unsupported = unsupported(id.type());
    if (unsupported != null) {
      return "EPROTONOSUPPORT: " + unsupported;
    }
    VirtualService service = new VirtualService(id, add.settings(), nanoTime);
    try {
      Listener listener =
          id.type() == ServiceType.UDP
              ? new UdpListener(service, transport, options, nanoTime)
              : new TcpListener(service, transport, options);
      services.put(id, new Entry(service, listener));
      return null;
    } catch (Exception refused) {
      // Netty throws the checked exception of the bind unchecked.
      return BindError.text(refused);
    }
  }

  @Override
  public void close() {
    services.values().forEach(entry -> entry.listener().close());
    services.clear();
    transport.close();
  }
}
