package io.portal.core.internal;

import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The ids of the services that something holds for, kept up with each change in proportion to the
 * change. Used by the reconciler's thread only.
 */
final class ServiceIndex {

  private final Predicate<Service> holds;
  private final Set<ServiceId> ids = new TreeSet<>();

  ServiceIndex(Predicate<Service> holds, DesiredState loaded) {
    this.holds = holds;
    loaded.services().forEach((id, service) -> changed(id, Optional.of(service)));
  }

  void changed(StateChange change) {
    change.services().forEach(this::changed);
  }

  private void changed(ServiceId id, Optional<Service> service) {
    if (service.isPresent() && holds.test(service.get())) {
      ids.add(id);
    } else {
      ids.remove(id);
    }
  }

  Set<ServiceId> ids() {
    return ids;
  }
}
