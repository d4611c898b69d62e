package io.portal.core.port;

import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.util.Map;

/**
 * Keeps the desired state. All methods may block (never call them on an event loop). {@link #load}
 * and {@link #commit} are called by one thread at a time.
 */
public interface StateStore extends AutoCloseable {

  /**
   * The state as it is stored now.
   *
   * @throws StoreException if it cannot be read; the message names the file or table that is
   *     damaged
   */
  DesiredState load() throws StoreException;

  /**
   * Stores a change on the state of that revision, whole or not at all, and makes it durable: when
   * this returns the state is {@code base.with(change)}, after a crash too.
   *
   * @param base the state that the change was made for
   * @return the state that is stored now, its revision above that of {@code base}
   * @throws StaleStateException if another state is stored by now; nothing was changed
   * @throws StoreException if it could not be stored; nothing was changed
   */
  DesiredState commit(DesiredState base, StateChange change) throws StoreException;

  /**
   * Calls the listener, from any thread, when somebody else may have committed. The listener
   * returns at once. There is at most one listener.
   */
  default void onRemoteChange(Runnable listener) {}

  /**
   * Tells the others of a cluster that this member has applied, or could not apply, that revision.
   *
   * @param revision the revision
   * @param failure why it could not be applied; empty if it was
   */
  default void applied(long revision, String failure) throws StoreException {}

  /**
   * Waits until all live members of a cluster have applied that revision. Returns at once where
   * there is no cluster.
   *
   * @throws StoreException if one could not, naming the member and its reason, or time ran out
   */
  default void awaitApplied(long revision) throws StoreException {}

  /**
   * Looks whether what was stored is still there as it was, and stores anew what is not. Called on
   * every full pass: cheap, by looking at a part each time if need be.
   *
   * @throws StoreException if it could not be looked at, or not be stored anew
   */
  default void verify() throws StoreException {}

  /**
   * What is not as it should be, by subject, for people: a part that is not served, a server that
   * is away. Called by any thread; never blocks for long.
   */
  default Map<String, String> problems() {
    return Map.of();
  }

  /** Lets go of files, connections and threads. */
  @Override
  void close();
}
