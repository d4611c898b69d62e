package io.portal.core.port;

import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/** A store that forgets everything with the process. Thread-safe. */
public final class InMemoryStore implements StateStore {

  private final Deque<Supplier<StoreException>> failures = new ArrayDeque<>();
  private DesiredState stored = DesiredState.EMPTY;
  private Runnable listener = () -> {};
  private String awaitFailure = "";

  /** The next commit fails with that. */
  public synchronized void failNext(Supplier<StoreException> failure) {
    failures.add(failure);
  }

  /** Waiting for the others of a cluster fails with that from now on; empty for not any more. */
  public synchronized void failAwait(String failure) {
    awaitFailure = failure;
  }

  /** Commits as another member of a cluster would, and tells the listener. */
  public void commitElsewhere(StateChange change) {
    Runnable told;
    synchronized (this) {
      stored = stored.with(change);
      told = listener;
    }
    told.run();
  }

  @Override
  public synchronized DesiredState load() {
    return stored;
  }

  @Override
  public synchronized DesiredState commit(DesiredState base, StateChange change)
      throws StoreException {
    Supplier<StoreException> failure = failures.poll();
    if (failure != null) {
      throw failure.get();
    }
    if (base.revision() != stored.revision()) {
      throw new StaleStateException(base.revision(), stored.revision());
    }
    stored = base.with(change);
    return stored;
  }

  @Override
  public synchronized void onRemoteChange(Runnable newListener) {
    listener = newListener;
  }

  @Override
  public synchronized void awaitApplied(long revision) throws StoreException {
    if (!awaitFailure.isEmpty()) {
      throw new StoreException(awaitFailure);
    }
  }

  @Override
  public void close() {}
}
