package io.portal.core.internal;

import io.portal.core.model.ServiceId;
import io.portal.core.port.Balancer;
import io.portal.core.port.Firewall;
import io.portal.core.port.Proxy;
import io.portal.core.port.StateStore;
import io.portal.core.port.VipManager;
import io.portal.core.port.VipOwnership;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * What a reconciler works with.
 *
 * @param store keeps the desired state
 * @param balancer holds the services; empty for a proxy only
 * @param proxy serves routes and certs; empty for none
 * @param vips holds the vips; empty for none
 * @param firewall lets packets in; empty for none
 * @param listeners TCP sockets that are let in whatever the services are
 * @param ownership says which vips are this host's
 * @param addresses finds the first address of an interface or alias
 * @param interval between full passes, and the longest pause before another try
 * @param reserved what portal itself listens on
 * @param leftAlone services that portal must not touch
 * @param unmanaged services of the balancer that are another program's
 * @param clearOnExit whether services and vips are removed at a clean stop
 * @param clock the time of day
 * @param nanoTime time for pauses
 */
public record Parts(
    StateStore store,
    Optional<Balancer> balancer,
    Optional<Proxy> proxy,
    Optional<VipManager> vips,
    Optional<Firewall> firewall,
    Collection<InetSocketAddress> listeners,
    VipOwnership ownership,
    InterfaceAddresses addresses,
    Duration interval,
    Collection<InetSocketAddress> reserved,
    Predicate<ServiceId> leftAlone,
    UnmanagedServices unmanaged,
    boolean clearOnExit,
    InstantSource clock,
    LongSupplier nanoTime) {

  World world(Failures failures, Progress progress) {
    return new World(
        balancer.map(b -> new ServicesWorld(b, leftAlone, unmanaged, failures, progress)),
        proxy.map(p -> new ProxyWorld(p, failures)),
        vips.map(v -> new VipsWorld(v, failures, progress)),
        firewall.map(f -> new FirewallWorld(f, listeners, failures, progress)),
        ownership);
  }

  Checks checks() {
    return new Checks(balancer, proxy, vips, reserved, leftAlone);
  }
}
