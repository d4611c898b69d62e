package io.portal.core;

import io.portal.core.internal.Reconciler;
import io.portal.core.model.Cert;
import io.portal.core.state.StateChange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Certs of the reverse proxy, known by the certificate's PEM text. Reading never blocks; what
 * changes something returns when the change is durable and in effect, and throws a {@link
 * PortalException} when it is refused, with everything as it was. Thread-safe.
 */
public final class Certs {

  private final Reconciler reconciler;

  Certs(Reconciler reconciler) {
    this.reconciler = reconciler;
  }

  /** All of them, in the order of their ids. */
  public List<Cert> list() {
    return List.copyOf(reconciler.state().certs().values());
  }

  /** Adds a cert; one with the same certificate gets the new key. Returns what is stored now. */
  public Cert add(Cert added) {
    return reconciler
        .write(state -> new StateChange.Builder().put(added).build())
        .certs()
        .getOrDefault(added.cert(), added);
  }

  /**
   * Replaces all of them, as a diff: what stays the same is not touched.
   *
   * @param all of those with the same id the last counts
   * @return what is stored now, in the order given
   */
  public List<Cert> setAll(List<Cert> all) {
    Map<String, Cert> wanted = new LinkedHashMap<>();
    all.forEach(one -> wanted.put(one.cert(), one));
    reconciler.write(
        state -> {
          StateChange.Builder change = new StateChange.Builder();
          wanted.values().forEach(change::put);
          for (String id : state.certs().keySet()) {
            if (!wanted.containsKey(id)) {
              change.removeCert(id);
            }
          }
          return change.build();
        });
    return List.copyOf(wanted.values());
  }

  /** Removes one; removing what is not there succeeds. */
  public void remove(String id) {
    reconciler.write(state -> new StateChange.Builder().removeCert(id).build());
  }
}
