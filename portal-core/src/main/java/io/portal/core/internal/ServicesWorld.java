package io.portal.core.internal;

import io.portal.core.RefusedException;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.BalancerException;
import io.portal.core.port.ObservedService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a balancer hold the desired services. Used by the reconciler's thread only. */
final class ServicesWorld {

  private static final Logger log = LoggerFactory.getLogger(ServicesWorld.class);

  /** Subject of failures that concern the balancer as a whole. */
  static final String SUBJECT = "balancer";

  private static final int LOGGED_CHANGES = 20;

  private final Balancer balancer;
  private final Predicate<ServiceId> leftAlone;
  private final UnmanagedServices unmanaged;
  private final Failures failures;
  private final Progress progress;

  ServicesWorld(
      Balancer balancer,
      Predicate<ServiceId> leftAlone,
      UnmanagedServices unmanaged,
      Failures failures,
      Progress progress) {
    this.balancer = balancer;
    this.leftAlone = leftAlone;
    this.unmanaged = unmanaged;
    this.failures = failures;
    this.progress = progress;
  }

  /**
   * Makes just these services as desired, all or none.
   *
   * @param before the services that the undoing restores
   * @throws RefusedException if the balancer refuses one; all are as they were before
   */
  void change(
      Collection<ServiceId> services,
      Map<ServiceId, Service> before,
      Map<ServiceId, Service> after) {
    try {
      List<Balancer.Failure> failed = settle(services, after);
      if (!failed.isEmpty()) {
        restore(services, before);
        throw new RefusedException(message(failed.get(0).change(), failed.get(0).error()));
      }
    } catch (BalancerException e) {
      restore(services, before);
      throw new RefusedException(balancer.name() + ": " + e.getMessage(), e);
    }
    services.forEach(id -> failures.cleared(id.toString()));
  }

  /** Makes these services as they were, as far as that is possible now. */
  void restore(Collection<ServiceId> services, Map<ServiceId, Service> before) {
    try {
      List<ServiceId> ours =
          services.stream()
              .filter(id -> before.containsKey(id) || !unmanaged.contains(id))
              .toList();
      causes(settle(ours, before)).forEach(this::fail);
    } catch (BalancerException e) {
      failures.failed(SUBJECT, e);
      log.warn("{}: a refused change could not be undone yet: {}", balancer.name(), e.getMessage());
    }
  }

  /**
   * Plans and applies; where something is refused looks again once, because what was observed may
   * have changed in between.
   */
  private List<Balancer.Failure> settle(
      Collection<ServiceId> services, Map<ServiceId, Service> desired) throws BalancerException {
    List<Balancer.Failure> failed = List.of();
    for (int tries = 0; tries < 2; tries++) {
      List<BalancerChange> plan = plan(services, desired, balancer.observe(services));
      if (plan.isEmpty()) {
        return List.of();
      }
      failed = balancer.apply(plan);
      progress.changes.addAndGet(plan.size() - failed.size());
      if (failed.isEmpty()) {
        return failed;
      }
    }
    progress.failedChanges.addAndGet(failed.size());
    return failed;
  }

  /**
   * A full pass: observes everything, repairs what differs, and looks at what was repaired again.
   * What fails is noted and tried again later; it does not hold up the rest.
   *
   * @param first whether this is the first pass of this process, which adopts what it finds: what
   *     then differs is not drift
   */
  void pass(Map<ServiceId, Service> desired, boolean first) {
    if (failures.waiting(SUBJECT)) {
      return;
    }
    try {
      Map<ServiceId, ObservedService> all = without(leftAlone, balancer.observe());
      if (balancer.shared()) {
        unmanaged.meet(desired.keySet(), all.keySet());
      }
      Map<ServiceId, ObservedService> observed = without(unmanaged::contains, all);
      Set<ServiceId> ids = new LinkedHashSet<>(desired.keySet());
      ids.addAll(observed.keySet());
      List<BalancerChange> plan = plan(ids, desired, observed);
      plan.removeIf(change -> failures.waiting(change.service().toString()));
      repair(plan, desired, observed.size(), first);
      failures.cleared(SUBJECT);
    } catch (BalancerException e) {
      failures.failed(SUBJECT, e);
      log.warn("{}: services cannot be reconciled: {}", balancer.name(), e.getMessage());
    }
  }

  /** A pass over these services only. */
  void pass(Set<ServiceId> ids, Map<ServiceId, Service> desired) {
    List<ServiceId> due = ids.stream().filter(id -> !failures.waiting(id.toString())).toList();
    if (due.isEmpty() || failures.waiting(SUBJECT)) {
      return;
    }
    try {
      Map<ServiceId, ObservedService> observed = balancer.observe(due);
      repair(plan(due, desired, observed), desired, observed.size(), false);
    } catch (BalancerException e) {
      failures.failed(SUBJECT, e);
      log.warn("{}: services cannot be reconciled: {}", balancer.name(), e.getMessage());
    }
  }

  private void repair(
      List<BalancerChange> plan, Map<ServiceId, Service> desired, int observed, boolean first)
      throws BalancerException {
    if (first) {
      log.info(
          "{}: {} services desired, {} found, {} changes to make",
          balancer.name(),
          desired.size(),
          observed,
          plan.size());
    }
    if (plan.isEmpty()) {
      return;
    }
    List<BalancerChange> drift = new ArrayList<>();
    Set<ServiceId> touched = new LinkedHashSet<>();
    for (BalancerChange change : plan) {
      touched.add(change.service());
      if (!first && !failures.failing(change.service().toString())) {
        drift.add(change);
      }
    }
    logDrift(drift);
    Map<ServiceId, String> wrong;
    progress.repairing(balancer.name() + ": " + plan.size() + " changes are being made");
    try {
      wrong = carryOut(plan, touched, desired);
    } finally {
      progress.repairing("");
    }
    drift.removeIf(change -> wrong.containsKey(change.service()));
    progress.driftRepaired.addAndGet(drift.size());
    for (ServiceId id : touched) {
      String error = wrong.get(id);
      if (error != null) {
        fail(id, error);
      } else if (failures.cleared(id.toString())) {
        log.info("{}: {} is as desired again", balancer.name(), id);
      }
    }
  }

  /**
   * Carries out a plan; where something of it is refused, plans once more from what is there, which
   * may have changed since it was observed.
   *
   * @return what is not as desired afterwards, with the reason
   */
  private Map<ServiceId, String> carryOut(
      List<BalancerChange> plan, Set<ServiceId> touched, Map<ServiceId, Service> desired)
      throws BalancerException {
    List<BalancerChange> left = plan;
    Map<ServiceId, String> causes = Map.of();
    for (int tries = 0; tries < 2 && !left.isEmpty(); tries++) {
      List<Balancer.Failure> failed = balancer.apply(left);
      progress.changes.addAndGet(left.size() - failed.size());
      progress.failedChanges.addAndGet(failed.size());
      causes = causes(failed);
      left = plan(touched, desired, balancer.observe(touched));
      if (failed.isEmpty()) {
        break;
      }
    }
    Map<ServiceId, String> wrong = new LinkedHashMap<>();
    for (BalancerChange change : left) {
      String cause = causes.get(change.service());
      wrong.putIfAbsent(
          change.service(), cause == null ? message(change, "had no lasting effect") : cause);
    }
    return wrong;
  }

  /** The first error of each service: those behind it follow from it. */
  private Map<ServiceId, String> causes(List<Balancer.Failure> failed) {
    Map<ServiceId, String> causes = new LinkedHashMap<>();
    for (Balancer.Failure failure : failed) {
      causes.putIfAbsent(failure.change().service(), message(failure.change(), failure.error()));
    }
    return causes;
  }

  private void logDrift(List<BalancerChange> drift) {
    drift.stream()
        .limit(LOGGED_CHANGES)
        .forEach(
            change -> log.warn("drift: somebody else changed services; {}", change.describe()));
    if (drift.size() > LOGGED_CHANGES) {
      log.warn("drift: and {} changes more", drift.size() - LOGGED_CHANGES);
    }
  }

  private void fail(ServiceId id, String error) {
    Duration pause = failures.failed(id.toString(), error);
    log.warn("{}; next try in {} s", error, pause.toSeconds());
  }

  private String message(BalancerChange change, String error) {
    return balancer.name() + ": " + change.describe() + ": " + error;
  }

  private List<BalancerChange> plan(
      Collection<ServiceId> ids,
      Map<ServiceId, Service> desired,
      Map<ServiceId, ObservedService> observed) {
    return Planner.plan(ids, desired, observed, balancer::whileDraining);
  }

  private static Map<ServiceId, ObservedService> without(
      Predicate<ServiceId> others, Map<ServiceId, ObservedService> observed) {
    if (observed.keySet().stream().noneMatch(others)) {
      return observed;
    }
    Map<ServiceId, ObservedService> ours = new LinkedHashMap<>(observed);
    ours.keySet().removeIf(others);
    return ours;
  }
}
