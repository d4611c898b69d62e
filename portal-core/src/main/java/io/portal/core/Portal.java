package io.portal.core;

import io.portal.core.internal.Adoption;
import io.portal.core.internal.InterfaceAddresses;
import io.portal.core.internal.Parts;
import io.portal.core.internal.Reconciler;
import io.portal.core.internal.UnmanagedServices;
import io.portal.core.model.Addresses;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.InterfaceAddress;
import io.portal.core.model.ServiceId;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerException;
import io.portal.core.port.Firewall;
import io.portal.core.port.Proxy;
import io.portal.core.port.ServiceStats;
import io.portal.core.port.StateStore;
import io.portal.core.port.TrafficStats;
import io.portal.core.port.VipManager;
import io.portal.core.port.VipOwnership;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A load balancer's control plane: keeps the desired state in a store and the world equal to it.
 * What an embedder starts, and what the daemon is made of.
 *
 * <p>Writes return when they are durable and made real, or throw a {@link PortalException} with
 * everything as it was. Reads never block. Thread-safe.
 */
public final class Portal implements AutoCloseable {

  private final Builder parts;
  private final StateStore store;
  private final InterfaceAddresses addresses;
  private final Reconciler reconciler;
  private final Services services;
  private final Routes routes;
  private final Certs certs;
  private final Vips vips;

  private Portal(Builder parts, StateStore store) {
    this.parts = parts;
    this.store = store;
    addresses = new InterfaceAddresses(Optional.ofNullable(parts.vips));
    reconciler = Reconciler.start(parts.parts(store, addresses));
    services = new Services(reconciler, parts.clock);
    routes = new Routes(reconciler);
    certs = new Certs(reconciler);
    vips = new Vips(reconciler);
  }

  /** A portal to be; only a store is needed. */
  public static Builder builder() {
    return new Builder();
  }

  /** The desired state of this moment. */
  public DesiredState state() {
    return reconciler.state();
  }

  /** Services and their servers. */
  public Services services() {
    return services;
  }

  /** Routes of the reverse proxy. */
  public Routes routes() {
    return routes;
  }

  /** Certs of the reverse proxy. */
  public Certs certs() {
    return certs;
  }

  /** Addresses on interfaces. */
  public Vips vips() {
    return vips;
  }

  /** The proxy's own pages. */
  public ErrorPages pages() {
    return reconciler.state().pages();
  }

  /** Replaces the proxy's own pages; returns when they are durable and served. */
  public ErrorPages setPages(ErrorPages pages) {
    change(state -> new StateChange.Builder().pages(pages).build());
    return pages;
  }

  /**
   * Any change of the desired state; returns when it is durable and made real.
   *
   * @param edit makes the change for the state of the moment; may be called more than once, on the
   *     reconciler's thread
   * @return the state after the change
   * @throws PortalException if it is refused; all is as it was before
   */
  public DesiredState change(Function<DesiredState, StateChange> edit) {
    return reconciler.write(edit);
  }

  /**
   * The first address of an interface, or the address behind a vip's alias. May block.
   *
   * @throws InvalidException if there is no such interface or alias, or it has no address
   */
  public InetAddress firstAddress(String interfaceOrAlias) {
    return addresses
        .first(interfaceOrAlias, state())
        .orElseThrow(
            () ->
                InvalidException.field(
                    "interface", interfaceOrAlias, "an interface or alias that has an address"));
  }

  /**
   * Does a full pass now: observes everything, and repairs what differs. Returns when it is done.
   */
  public void reconcile() {
    reconciler.reconcile();
  }

  /** How the reconciler is doing. */
  public Health health() {
    return reconciler.health();
  }

  /**
   * Counters of these services; those that the balancer does not have are missing. May block.
   *
   * @throws RefusedException if they cannot be read
   */
  public Map<ServiceId, ServiceStats> stats(Collection<ServiceId> ids) {
    Balancer balancer = parts.balancer;
    if (balancer == null) {
      return Map.of();
    }
    try {
      return balancer.stats(ids);
    } catch (BalancerException e) {
      throw new RefusedException(balancer.name() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Counters of the desired services without those of their servers; those that the balancer does
   * not have are missing. Costs far less than {@link #stats} where there are many. May block.
   *
   * @throws RefusedException if they cannot be read
   */
  public Map<ServiceId, TrafficStats> traffic() {
    Balancer balancer = parts.balancer;
    if (balancer == null) {
      return Map.of();
    }
    try {
      Map<ServiceId, TrafficStats> traffic = new LinkedHashMap<>(balancer.traffic());
      traffic.keySet().retainAll(state().services().keySet());
      return traffic;
    } catch (BalancerException e) {
      throw new RefusedException(balancer.name() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Takes what the balancer holds as the desired services.
   *
   * @throws RefusedException if it cannot be observed, or holds a service that portal cannot
   *     express, which is named; nothing is taken over then
   */
  public void adopt() {
    Balancer balancer = parts.balancer;
    if (balancer != null) {
      change(state -> Adoption.of(balancer, state, parts::leftAlone));
    }
  }

  /**
   * Stops: finishes the writes that wait, then closes the proxy's listeners, the vips, the balancer
   * and the store, and then the proxy, which drains. Kernel state stays unless {@link
   * Builder#clearOnExit} was asked for. May block for as long as the proxy drains.
   */
  @Override
  public void close() {
    reconciler.close();
    if (parts.proxy != null) {
      parts.proxy.stopListening();
    }
    if (parts.vips != null) {
      parts.vips.close();
    }
    if (parts.balancer != null) {
      parts.balancer.close();
    }
    store.close();
    // Last, for it takes its time: a successor may start on the same addresses and store meanwhile.
    if (parts.proxy != null) {
      parts.proxy.close();
    }
  }

  /**
   * Collects the parts of a {@link Portal}, which closes them when it is closed. Not thread-safe.
   */
  public static final class Builder {

    private @Nullable StateStore store;
    private @Nullable Balancer balancer;
    private @Nullable Proxy proxy;
    private @Nullable VipManager vips;
    private @Nullable Firewall firewall;
    private List<InetSocketAddress> listeners = List.of();
    private VipOwnership ownership = VipOwnership.ALL;
    private Duration interval = Duration.ofSeconds(30);
    private List<InetSocketAddress> reserved = List.of();
    private List<InterfaceAddress> leftAlone = List.of();
    private ExistingServices existing = ExistingServices.LEAVE;
    private @Nullable Path unmanagedFile;
    private boolean clearOnExit;
    private InstantSource clock = InstantSource.system();

    private Builder() {}

    /** Where the desired state is kept. */
    public Builder store(StateStore stateStore) {
      store = stateStore;
      return this;
    }

    /** What balances the services; without one they are only kept. */
    public Builder balancer(Balancer servicesBalancer) {
      balancer = servicesBalancer;
      return this;
    }

    /** What serves routes and certs; without one they are only kept. */
    public Builder proxy(Proxy reverseProxy) {
      proxy = reverseProxy;
      return this;
    }

    /** What puts vips on interfaces; without one they are only kept. */
    public Builder vips(VipManager manager) {
      vips = manager;
      return this;
    }

    /**
     * What lets packets through the host's packet filter; without one it is left alone.
     *
     * @param sockets TCP sockets that are let in besides the services, as those of the proxy
     */
    public Builder firewall(Firewall packetFilter, Collection<InetSocketAddress> sockets) {
      firewall = packetFilter;
      listeners = List.copyOf(sockets);
      return this;
    }

    /** Which vips are this host's; all, unless a cluster says otherwise. */
    public Builder vipOwnership(VipOwnership vipOwnership) {
      ownership = vipOwnership;
      return this;
    }

    /** Time between full passes, and the longest pause before something is tried again; 30 s. */
    public Builder interval(Duration passInterval) {
      if (passInterval.isNegative() || passInterval.isZero()) {
        throw new IllegalArgumentException("interval must be above zero, not " + passInterval);
      }
      interval = passInterval;
      return this;
    }

    /** TCP sockets that portal itself listens on: no service may have one. */
    public Builder reservedSockets(Collection<InetSocketAddress> sockets) {
      reserved = List.copyOf(sockets);
      return this;
    }

    /** Services on an address in one of these networks are not portal's: they are never touched. */
    public Builder leaveAlone(Collection<InterfaceAddress> networks) {
      leftAlone = List.copyOf(networks);
      return this;
    }

    /**
     * What becomes of services that a balancer shared with other programs (the kernel's) holds when
     * the store has none; {@link ExistingServices#LEAVE} by default.
     *
     * @param file where the ids of those left alone are kept, so that a restart knows them; null to
     *     forget them when this portal is closed
     */
    public Builder existingServices(ExistingServices policy, @Nullable Path file) {
      existing = policy;
      unmanagedFile = file;
      return this;
    }

    /**
     * Whether services, vips and what the firewall opened are removed at a clean stop; they stay by
     * default.
     */
    public Builder clearOnExit(boolean clear) {
      clearOnExit = clear;
      return this;
    }

    /** The time of day, for drains. */
    public Builder clock(InstantSource source) {
      clock = source;
      return this;
    }

    /**
     * Loads the state, adopts what is there, repairs the difference, and returns when that is done.
     *
     * @throws IllegalStateException without a store
     * @throws RefusedException if the state cannot be loaded
     */
    public Portal start() {
      if (store == null) {
        throw new IllegalStateException("a portal needs a store");
      }
      return new Portal(this, store);
    }

    private boolean leftAlone(ServiceId id) {
      InetAddress host = id.host();
      return host != null
          && leftAlone.stream()
              .anyMatch(net -> Addresses.contains(net.address(), net.prefixLength(), host));
    }

    private Parts parts(StateStore stateStore, InterfaceAddresses addresses) {
      return new Parts(
          stateStore,
          Optional.ofNullable(balancer),
          Optional.ofNullable(proxy),
          Optional.ofNullable(vips),
          Optional.ofNullable(firewall),
          listeners,
          ownership,
          addresses,
          interval,
          reserved,
          this::leftAlone,
          new UnmanagedServices(existing, Optional.ofNullable(unmanagedFile)),
          clearOnExit,
          clock,
          System::nanoTime);
    }
  }
}
