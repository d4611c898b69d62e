package io.portal.store;

import io.portal.core.port.StateStore;
import io.portal.core.port.StoreException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;

/** A store that can also keep a copy of a state whose revisions somebody else counts. */
public interface RevisionedStore extends StateStore {

  /**
   * As {@link #commit}, but under the revision given.
   *
   * @param revision the new revision, 1 or above; may be below that of {@code base}
   * @throws io.portal.core.port.StaleStateException if another state than the base is stored
   * @throws StoreException if it could not be stored; nothing was changed
   */
  DesiredState commit(DesiredState base, StateChange change, long revision) throws StoreException;
}
