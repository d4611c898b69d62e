package io.portal.core.internal;

import io.portal.core.model.Addresses;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves services that are bound to an interface when its first address changes; never onto a
 * service that is there already.
 */
final class InterfaceFollower {

  private static final Logger log = LoggerFactory.getLogger(InterfaceFollower.class);

  private final InterfaceAddresses addresses;
  private final Set<ServiceId> bound;

  InterfaceFollower(InterfaceAddresses addresses, ServiceIndex bound) {
    this.addresses = addresses;
    this.bound = bound.ids();
  }

  /** What is to be followed. */
  static boolean follows(Service service) {
    return service.interfaceName() != null;
  }

  /** The edit that moves what is to be moved; empty if all is in its place. May block. */
  Optional<Function<DesiredState, StateChange>> edit(DesiredState state) {
    Map<String, Optional<InetAddress>> first = new HashMap<>();
    List<Service> moved = new ArrayList<>();
    for (ServiceId id : bound) {
      Service service = state.services().get(id);
      if (service == null) {
        continue;
      }
      String name = String.valueOf(service.interfaceName());
      Optional<InetAddress> address =
          first.computeIfAbsent(name, unknown -> addresses.first(name, state));
      if (address.isPresent()
          && !address.get().equals(service.host())
          && !state.services().containsKey(moved(service, address.get()))) {
        moved.add(service);
        log.info("{} follows {} to {}", service.id(), name, Addresses.text(address.get()));
      }
    }
    if (moved.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        current -> {
          StateChange.Builder change = new StateChange.Builder();
          for (Service service : moved) {
            Service present = current.services().get(service.id());
            Optional<InetAddress> address =
                first.getOrDefault(String.valueOf(service.interfaceName()), Optional.empty());
            if (present != null
                && present.equals(service)
                && address.isPresent()
                && !current.services().containsKey(moved(service, address.get()))) {
              change.remove(service.id());
              change.put(present.withId(moved(service, address.get())));
            }
          }
          return change.build();
        });
  }

  private static ServiceId moved(Service service, InetAddress address) {
    return new ServiceId(service.type(), address, service.port());
  }
}
