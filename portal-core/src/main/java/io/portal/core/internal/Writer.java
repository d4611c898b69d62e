package io.portal.core.internal;

import io.portal.core.PortalException;
import io.portal.core.RefusedException;
import io.portal.core.UnavailableException;
import io.portal.core.port.StaleStateException;
import io.portal.core.port.StateStore;
import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out writes: checks, stores, makes real, and undoes where something refuses. Writes that
 * wait at the same time are stored and made real as one; if that is refused, one by one. Used by
 * the reconciler's thread only.
 */
final class Writer {

  private static final Logger log = LoggerFactory.getLogger(Writer.class);

  private static final int STALE_TRIES = 100;

  private final StateStore store;
  private final World world;
  private final Checks checks;
  private final Progress progress;
  private final BiConsumer<DesiredState, StateChange> published;
  private DesiredState current;

  /**
   * A writer on a loaded state.
   *
   * @param published told the state and what changed in it, whenever it has changed
   */
  Writer(
      StateStore store,
      World world,
      Checks checks,
      Progress progress,
      DesiredState loaded,
      BiConsumer<DesiredState, StateChange> published) {
    this.store = store;
    this.world = world;
    this.checks = checks;
    this.progress = progress;
    this.current = loaded;
    this.published = published;
  }

  DesiredState current() {
    return current;
  }

  /** Carries out these writes and answers each of them. */
  void carryOut(List<Write> writes) {
    if (writes.size() > 1 && carryOutTogether(writes)) {
      return;
    }
    for (Write write : writes) {
      if (write.result().isDone()) {
        continue;
      }
      try {
        DesiredState state = commit(write.edit());
        progress.writes.incrementAndGet();
        write.result().complete(state);
      } catch (PortalException e) {
        progress.refusedWrites.incrementAndGet();
        write.result().completeExceptionally(e);
      } catch (RuntimeException | Error e) {
        log.error("a write failed in a way it should not", e);
        write.result().completeExceptionally(new RefusedException("internal error: " + e, e));
      }
    }
  }

  /** One commit for all of them; answers whether that went well, those refused aside. */
  private boolean carryOutTogether(List<Write> writes) {
    List<Write> accepted = new ArrayList<>();
    try {
      commit(
          base -> {
            accepted.clear();
            StateChange.Builder together = new StateChange.Builder();
            DesiredState state = base;
            for (Write write : writes) {
              if (write.result().isDone()) {
                continue;
              }
              StateChange change = write.edit().apply(state);
              DesiredState next = state.with(change);
              checks.check(change, next);
              together.add(change);
              state = next;
              accepted.add(write);
            }
            return together.build();
          });
    } catch (UnavailableException e) {
      // Trying one by one would make each of them wait for what is away.
      for (Write write : writes) {
        if (write.result().completeExceptionally(e)) {
          progress.refusedWrites.incrementAndGet();
        }
      }
      return true;
    } catch (RuntimeException e) {
      log.debug(
          "{} writes together were refused, trying them one by one: {}",
          writes.size(),
          e.toString());
      return false;
    }
    progress.writes.addAndGet(accepted.size());
    accepted.forEach(write -> write.result().complete(current));
    return true;
  }

  private DesiredState commit(Function<DesiredState, StateChange> edit) {
    for (int tries = 0; ; tries++) {
      DesiredState base = current;
      StateChange change = edit.apply(base).effectiveOn(base);
      if (change.isEmpty()) {
        return base;
      }
      checks.check(change, base.with(change));
      DesiredState stored;
      try {
        stored = store.commit(base, change);
      } catch (StaleStateException e) {
        if (tries == STALE_TRIES) {
          throw new UnavailableException("store: " + e.getMessage(), e);
        }
        refresh();
        continue;
      } catch (StoreException e) {
        throw asPortalException(e);
      }
      makeReal(change, base, stored);
      return stored;
    }
  }

  private void makeReal(StateChange change, DesiredState base, DesiredState stored) {
    try {
      world.change(change, base, stored);
    } catch (RuntimeException e) {
      unstore(change, base, stored);
      throw e;
    }
    try {
      store.applied(stored.revision(), "");
      store.awaitApplied(stored.revision());
    } catch (StoreException e) {
      world.restore(change, base);
      unstore(change, base, stored);
      throw asPortalException(e);
    }
    publish(stored, change);
  }

  private void unstore(StateChange change, DesiredState base, DesiredState stored) {
    try {
      DesiredState undone = store.commit(stored, change.inverse(base));
      store.applied(undone.revision(), "");
      publish(undone, change.inverse(base));
    } catch (StaleStateException e) {
      refresh();
    } catch (StoreException e) {
      publish(stored, change);
      log.error(
          "store: a refused change could not be undone and stays desired: {}", e.getMessage());
    }
  }

  /** Has the store look after what it has stored. */
  void verify() {
    try {
      store.verify();
    } catch (StoreException e) {
      log.warn("store: {}", e.getMessage());
    }
  }

  /** Takes over what somebody else has stored, and makes it real. */
  void refresh() {
    try {
      DesiredState stored = store.load();
      DesiredState before = current;
      if (stored.revision() == before.revision()) {
        return;
      }
      StateChange change = StateChange.between(before, stored);
      publish(stored, change);
      String failure = "";
      try {
        world.change(change, before, stored);
        log.info("store: revision {} taken over, {} changes", stored.revision(), change.size());
      } catch (PortalException e) {
        failure = String.valueOf(e.getMessage());
        log.warn("store: revision {} cannot be applied here: {}", stored.revision(), failure);
      }
      store.applied(stored.revision(), failure);
    } catch (StoreException e) {
      log.warn("store: cannot be read: {}", e.getMessage());
    }
  }

  private void publish(DesiredState state, StateChange change) {
    current = state;
    published.accept(state, change);
  }

  private static PortalException asPortalException(StoreException e) {
    String message = "store: " + e.getMessage();
    return e instanceof StoreUnavailableException
        ? new UnavailableException(message, e)
        : new RefusedException(message, e);
  }
}
