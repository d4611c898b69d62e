package io.portal.core;

import io.portal.core.internal.Reconciler;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.state.StateChange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Routes of the reverse proxy. Reading never blocks; what changes something returns when the change
 * is durable and in effect, and throws a {@link PortalException} when it is refused, with
 * everything as it was. Thread-safe.
 */
public final class Routes {

  private final Reconciler reconciler;

  Routes(Reconciler reconciler) {
    this.reconciler = reconciler;
  }

  /** All of them, in the order of their ids. */
  public List<Route> list() {
    return List.copyOf(reconciler.state().routes().values());
  }

  /** Adds a route; one with the same id is left as it is. Returns what is stored now. */
  public Route add(Route added) {
    return reconciler
        .write(
            state ->
                state.routes().containsKey(added.id())
                    ? StateChange.NONE
                    : new StateChange.Builder().put(added).build())
        .routes()
        .getOrDefault(added.id(), added);
  }

  /**
   * Replaces all of them, as a diff: what stays the same is not touched.
   *
   * @param all of those with the same id the last counts
   * @return what is stored now, in the order given
   */
  public List<Route> setAll(List<Route> all) {
    Map<RouteId, Route> wanted = new LinkedHashMap<>();
    all.forEach(one -> wanted.put(one.id(), one));
    reconciler.write(
        state -> {
          StateChange.Builder change = new StateChange.Builder();
          wanted.values().forEach(change::put);
          for (RouteId id : state.routes().keySet()) {
            if (!wanted.containsKey(id)) {
              change.remove(id);
            }
          }
          return change.build();
        });
    return List.copyOf(wanted.values());
  }

  /** Removes one; removing what is not there succeeds. */
  public void remove(RouteId id) {
    reconciler.write(state -> new StateChange.Builder().remove(id).build());
  }
}
