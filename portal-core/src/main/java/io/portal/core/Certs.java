package io.portal.core;

import io.portal.core.internal.Reconciler;
import io.portal.core.model.Cert;
import io.portal.core.state.StateChange;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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

  /** Replaces all of them, as a diff: what stays the same is not touched. */
  public List<Cert> setAll(List<Cert> all) {
    reconciler.write(
        state -> {
          StateChange.Builder change = new StateChange.Builder();
          Set<String> kept = new HashSet<>();
          for (Cert one : all) {
            change.put(one);
            kept.add(one.cert());
          }
          for (String id : state.certs().keySet()) {
            if (!kept.contains(id)) {
              change.removeCert(id);
            }
          }
          return change.build();
        });
    return all;
  }

  /** Removes one; removing what is not there succeeds. */
  public void remove(String id) {
    reconciler.write(state -> new StateChange.Builder().removeCert(id).build());
  }
}
