package io.portal.store.redis;

import io.portal.core.port.StoreException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.RevisionedStore;
import io.portal.store.internal.Item;
import io.portal.store.internal.StateItems;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this member knows of the cluster's state, with a copy in a store of its own. Redis and the
 * others have the state too, so a copy that fails is no loss yet: the next one makes up for it.
 *
 * <p>Changed by one thread at a time, read by any.
 */
final class MemberCopy implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(MemberCopy.class);

  private final RevisionedStore copy;
  private DesiredState copied;
  private volatile DesiredState state;
  private volatile String epoch = "";

  /**
   * Knows what the copy holds.
   *
   * @throws StoreException if it cannot be read
   */
  MemberCopy(RevisionedStore copy) throws StoreException {
    this.copy = copy;
    this.copied = copy.load();
    this.state = copied;
  }

  /** The newest state this member knows. */
  DesiredState state() {
    return state;
  }

  /** Which life of Redis's data its revision is of; empty before the first. */
  String epoch() {
    return epoch;
  }

  /** An item's value as Redis has it: {@code +}, or {@code -} if it was removed, and the value. */
  static String flagged(Item item) {
    return (item.removed() ? "-" : "+") + item.value();
  }

  /**
   * Takes over what the script {@code load} answers: a part that changed, or everything.
   *
   * @throws StoreException if an item of it is damaged; nothing is taken over then
   */
  void takeOver(List<String> answer) throws StoreException {
    boolean part = answer.get(2).equals("part");
    List<Item> items = new ArrayList<>();
    for (int i = 3; i < answer.size(); i += 2) {
      String value = answer.get(i + 1);
      boolean removed = value.startsWith("-");
      if (part || !removed) {
        items.add(new Item(answer.get(i), value.substring(1), removed));
      }
    }
    long revision = Long.parseLong(answer.get(0));
    state = StateItems.apply(part ? state : DesiredState.EMPTY, items, revision);
    epoch = answer.get(1);
    keepDifference();
  }

  /** Takes over what was stored in Redis: a change of the state of that revision. */
  void stored(long baseRevision, StateChange change, DesiredState stored) {
    state = stored;
    if (copied.revision() == baseRevision) {
      keep(change);
    } else {
      keepDifference();
    }
  }

  private void keepDifference() {
    if (state.revision() != copied.revision() || !state.equals(copied)) {
      keep(StateChange.between(copied, state));
    }
  }

  private void keep(StateChange change) {
    long revision = state.revision();
    try {
      copied = copy.commit(copied, change, revision);
    } catch (StoreException e) {
      log.error("cluster: the copy of revision {} failed: {}", revision, e.getMessage());
    }
  }

  /** Has the copy look after what it has stored. */
  void verify() throws StoreException {
    copy.verify();
  }

  /** What is not as it should be with the copy. */
  Map<String, String> problems() {
    return copy.problems();
  }

  @Override
  public void close() {
    copy.close();
  }
}
