package io.portal.core;

import io.portal.core.internal.Reconciler;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.core.state.StateChange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Vips: addresses that portal puts on interfaces. Reading never blocks; what changes something
 * returns when the change is durable and in effect, and throws a {@link PortalException} when it is
 * refused, with everything as it was. Thread-safe.
 */
public final class Vips {

  private final Reconciler reconciler;

  Vips(Reconciler reconciler) {
    this.reconciler = reconciler;
  }

  /** All of them, in the order of their ids. */
  public List<Vip> list() {
    return List.copyOf(reconciler.state().vips().values());
  }

  /**
   * Adds a vip; one with the same id is left as it is.
   *
   * @return what is stored now
   * @throws ConflictException if the vip is there with another alias than the one that is asked for
   */
  public Vip add(Vip added) {
    return reconciler
        .write(
            state -> {
              Vip there = state.vips().get(added.id());
              if (there == null) {
                return new StateChange.Builder().put(added).build();
              }
              if (!added.alias().isEmpty() && !added.alias().equals(there.alias())) {
                throw new ConflictException(
                    "Vip exists - '"
                        + added.id()
                        + "': its alias is '"
                        + there.alias()
                        + "', not '"
                        + added.alias()
                        + "'");
              }
              return StateChange.NONE;
            })
        .vips()
        .getOrDefault(added.id(), added);
  }

  /**
   * Replaces all of them, as a diff: what stays the same is not touched.
   *
   * @param all of those with the same id the last counts
   * @return what is stored now, in the order given
   */
  public List<Vip> setAll(List<Vip> all) {
    Map<VipId, Vip> wanted = new LinkedHashMap<>();
    all.forEach(one -> wanted.put(one.id(), one));
    reconciler.write(
        state -> {
          StateChange.Builder change = new StateChange.Builder();
          wanted.values().forEach(change::put);
          for (VipId id : state.vips().keySet()) {
            if (!wanted.containsKey(id)) {
              change.remove(id);
            }
          }
          return change.build();
        });
    return List.copyOf(wanted.values());
  }

  /** Removes one; removing what is not there succeeds. */
  public void remove(VipId id) {
    reconciler.write(state -> new StateChange.Builder().remove(id).build());
  }
}
