package io.portal.core.internal;

import io.portal.core.RefusedException;
import io.portal.core.model.ServiceId;
import io.portal.core.port.Firewall;
import io.portal.core.port.FirewallException;
import io.portal.core.port.Opening;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the host's packet filter let in what the desired services and the proxy need, and nothing
 * more. Used by the reconciler's thread only.
 */
final class FirewallWorld {

  private static final Logger log = LoggerFactory.getLogger(FirewallWorld.class);

  /** Subject of failures that concern the packet filter. */
  static final String SUBJECT = "firewall";

  private final Firewall firewall;
  private final Set<Opening> always;
  private final Failures failures;
  private final Progress progress;

  /**
   * A world with nothing done yet.
   *
   * @param listeners TCP sockets that are let in whatever the services are
   */
  FirewallWorld(
      Firewall firewall,
      Collection<InetSocketAddress> listeners,
      Failures failures,
      Progress progress) {
    this.firewall = firewall;
    this.always = listeners.stream().map(Opening::of).collect(Collectors.toUnmodifiableSet());
    this.failures = failures;
    this.progress = progress;
  }

  /**
   * Opens and closes what these services call for, all or nothing.
   *
   * @param before the ids of all services before the change
   * @param after the ids of all services after it
   * @throws RefusedException if it is refused; all is as it was before
   */
  void change(Collection<ServiceId> changed, Set<ServiceId> before, Set<ServiceId> after) {
    Set<Opening> close = gone(changed, before, after);
    Set<Opening> open = gone(changed, after, before);
    if (close.isEmpty() && open.isEmpty()) {
      return;
    }
    try {
      firewall.change(close, open);
      progress.changes.addAndGet(close.size() + open.size());
    } catch (FirewallException e) {
      settleAnyway(after, before, e);
    }
  }

  /** Somebody may have removed what the change stands on: everything is looked at. */
  private void settleAnyway(
      Set<ServiceId> after, Set<ServiceId> before, FirewallException changeRefused) {
    try {
      progress.changes.addAndGet(firewall.settle(all(after)));
      failures.cleared(SUBJECT);
    } catch (FirewallException e) {
      e.addSuppressed(changeRefused);
      restore(before);
      throw new RefusedException("firewall: " + e.getMessage(), e);
    }
  }

  /** Lets in what these services need, as far as that is possible now. */
  void restore(Set<ServiceId> services) {
    try {
      progress.changes.addAndGet(firewall.settle(all(services)));
    } catch (FirewallException e) {
      failed(e);
    }
  }

  /** A full pass: looks at everything and repairs what differs; what fails is tried later. */
  void pass(Set<ServiceId> desired, boolean first) {
    if (failures.waiting(SUBJECT)) {
      return;
    }
    try {
      int changes = firewall.settle(all(desired));
      boolean wasFailing = failures.cleared(SUBJECT);
      progress.changes.addAndGet(changes);
      if (changes > 0 && !first && !wasFailing) {
        progress.driftRepaired.addAndGet(changes);
        log.warn("drift: somebody else changed the packet filter; {} repairs", changes);
      }
    } catch (FirewallException e) {
      failed(e);
    }
  }

  /** Removes everything that portal put into the packet filter. */
  void clear() {
    try {
      firewall.clear();
    } catch (FirewallException e) {
      failed(e);
    }
  }

  private void failed(FirewallException e) {
    failures.failed(SUBJECT, e);
    log.warn("firewall: {}; will be tried again", e.getMessage());
  }

  /** What is open for a service of the one set that the other has not. */
  private Set<Opening> gone(Collection<ServiceId> ids, Set<ServiceId> from, Set<ServiceId> to) {
    return ids.stream()
        .filter(id -> from.contains(id) && !to.contains(id))
        .flatMap(id -> Opening.of(id).stream())
        .filter(opening -> !always.contains(opening))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private Set<Opening> all(Set<ServiceId> services) {
    Set<Opening> all = new LinkedHashSet<>(always);
    services.forEach(id -> Opening.of(id).ifPresent(all::add));
    return all;
  }
}
