package io.portal.core.internal;

import io.portal.core.RefusedException;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.core.port.VipException;
import io.portal.core.port.VipManager;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the host have the desired vips. An address is removed only when portal was told to remove
 * it; others are never touched. Used by the reconciler's thread only.
 */
final class VipsWorld {

  private static final Logger log = LoggerFactory.getLogger(VipsWorld.class);

  /** Subject of failures that concern all vips. */
  static final String SUBJECT = "vips";

  private final VipManager manager;
  private final Failures failures;
  private final Progress progress;

  VipsWorld(VipManager manager, Failures failures, Progress progress) {
    this.manager = manager;
    this.failures = failures;
    this.progress = progress;
  }

  /**
   * Makes just these vips as desired, all or none.
   *
   * @param before the vips that the undoing restores
   * @throws RefusedException if one is refused; all are as they were before
   */
  void change(Collection<VipId> vips, Map<VipId, Vip> before, Map<VipId, Vip> after) {
    try {
      List<VipManager.Failure> failed = settle(vips, after);
      if (!failed.isEmpty()) {
        restore(vips, before);
        throw new RefusedException(
            "vip " + failed.get(0).vip().id() + ": " + failed.get(0).error());
      }
    } catch (VipException e) {
      restore(vips, before);
      throw new RefusedException("vips: " + e.getMessage(), e);
    }
    vips.forEach(id -> failures.cleared(subject(id)));
  }

  /** Makes these vips as they were, as far as that is possible now. */
  void restore(Collection<VipId> vips, Map<VipId, Vip> before) {
    try {
      settle(vips, before).forEach(this::fail);
    } catch (VipException e) {
      failures.failed(SUBJECT, e);
      log.warn("vips: a refused change could not be undone yet: {}", e.getMessage());
    }
  }

  /** Removes and adds what differs; a vip with another alias is taken off and put on again. */
  private List<VipManager.Failure> settle(Collection<VipId> vips, Map<VipId, Vip> desired)
      throws VipException {
    Map<VipId, Vip> observed = manager.observe(vips);
    List<Vip> remove = new ArrayList<>();
    List<Vip> add = new ArrayList<>();
    for (VipId id : vips) {
      Vip wanted = desired.get(id);
      Vip there = observed.get(id);
      if (there != null && !same(there, wanted)) {
        remove.add(there);
      }
      if (wanted != null && !same(wanted, there)) {
        add.add(wanted);
      }
    }
    if (remove.isEmpty() && add.isEmpty()) {
      return List.of();
    }
    List<VipManager.Failure> failed = manager.apply(remove, add);
    progress.changes.addAndGet(remove.size() + add.size() - failed.size());
    progress.failedChanges.addAndGet(failed.size());
    return failed;
  }

  private static boolean same(@Nullable Vip one, @Nullable Vip other) {
    return one == null ? other == null : other != null && one.sameOnHost(other);
  }

  /** Lets none of these wait any longer: what kept them from being there may have changed. */
  void hurry(Collection<VipId> vips) {
    failures.dueNow(SUBJECT);
    vips.forEach(id -> failures.dueNow(subject(id)));
  }

  /**
   * Puts back what is missing, and takes off what is another member's to have. What fails, such as
   * an interface that is not there, is tried later.
   *
   * @param vips all the desired vips
   * @param mine those of them that this host is to have
   */
  void pass(Collection<VipId> vips, Map<VipId, Vip> mine, boolean first) {
    if (failures.waiting(SUBJECT)) {
      return;
    }
    try {
      Map<VipId, Vip> observed = manager.observe(vips);
      List<VipId> wrong =
          vips.stream()
              .filter(id -> !same(mine.get(id), observed.get(id)))
              .filter(id -> !failures.waiting(subject(id)))
              .toList();
      if (!wrong.isEmpty()) {
        repair(wrong, mine, first);
      }
      failures.cleared(SUBJECT);
    } catch (VipException e) {
      failures.failed(SUBJECT, e);
      log.warn("vips cannot be reconciled: {}", e.getMessage());
    }
  }

  private void repair(List<VipId> wrong, Map<VipId, Vip> mine, boolean first) throws VipException {
    List<VipManager.Failure> failed = settle(wrong, mine);
    Set<VipId> failedIds = new HashSet<>();
    for (VipManager.Failure failure : failed) {
      failedIds.add(failure.vip().id());
      fail(failure);
    }
    for (VipId id : wrong) {
      boolean wasFailing = failures.failing(subject(id));
      if (failedIds.contains(id)) {
        continue;
      }
      failures.cleared(subject(id));
      log.info(
          "vip {} is {}", id, mine.containsKey(id) ? "on this host" : "not on this host any more");
      if (!first && !wasFailing && mine.containsKey(id)) {
        progress.driftRepaired.incrementAndGet();
      }
    }
  }

  private void fail(VipManager.Failure failure) {
    String subject = subject(failure.vip().id());
    failures.failed(subject, failure.error());
    log.warn("{}: {}; will be tried again", subject, failure.error());
  }

  private static String subject(VipId id) {
    return "vip " + id;
  }
}
