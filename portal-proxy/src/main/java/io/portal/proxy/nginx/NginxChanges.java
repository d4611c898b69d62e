package io.portal.proxy.nginx;

import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.port.Balancer.Failure;
import io.portal.core.port.BalancerChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Carries out a list of changes on the services of a configuration, in memory. */
final class NginxChanges {

  private final Map<ServiceId, NginxService> services;
  private final List<Failure> failures = new ArrayList<>();

  private NginxChanges(Map<ServiceId, NginxService> services) {
    this.services = new LinkedHashMap<>(services);
  }

  /**
   * What the services are after the changes.
   *
   * @param services after those changes that could be carried out
   * @param failures those that could not
   */
  record Outcome(Map<ServiceId, NginxService> services, List<Failure> failures) {}

  /**
   * Carries them out in their order.
   *
   * @param refused services that nginx does not take, and why: none of their changes is made
   */
  static Outcome make(
      Map<ServiceId, NginxService> before,
      List<? extends BalancerChange> changes,
      Map<ServiceId, String> refused) {
    NginxChanges made = new NginxChanges(before);
    for (BalancerChange change : changes) {
      String error =
          Optional.ofNullable(refused.get(change.service())).orElseGet(() -> made.make(change));
      if (error != null) {
        made.failures.add(new Failure(change, error));
      }
    }
    return new Outcome(made.services, List.copyOf(made.failures));
  }

  private @Nullable String make(BalancerChange change) {
    NginxService service = services.get(change.service());
    if (change instanceof BalancerChange.AddService add) {
      if (service != null) {
        return "EEXIST: there is a service " + add.service();
      }
      return put(new NginxService(add.service(), add.settings(), Map.of()));
    }
    if (service == null) {
      return "ENOENT: there is no service " + change.service();
    }
    if (change instanceof BalancerChange.UpdateService update) {
      return put(service.withSettings(update.settings()));
    }
    if (change instanceof BalancerChange.RemoveService remove) {
      services.remove(remove.service());
      return null;
    }
    if (change instanceof BalancerChange.AddServer add) {
      return service.servers().containsKey(add.server())
          ? "EEXIST: the service has server " + add.server()
          : put(service.withServer(add.server(), add.settings()));
    }
    if (change instanceof BalancerChange.UpdateServer update) {
      return service.servers().containsKey(update.server())
          ? put(service.withServer(update.server(), update.settings()))
          : "ENOENT: the service has no server " + update.server();
    }
    BalancerChange.RemoveServer remove = (BalancerChange.RemoveServer) change;
    if (!service.servers().containsKey(remove.server())) {
      return "ENOENT: the service has no server " + remove.server();
    }
    services.put(service.id(), service.withoutServer(remove.server()));
    return null;
  }

  private @Nullable String put(NginxService service) {
    NginxRules.Refusal refusal = refuse(service);
    if (refusal != null) {
      return "EOPNOTSUPP: " + refusal;
    }
    services.put(service.id(), service);
    return null;
  }

  private static NginxRules.@Nullable Refusal refuse(NginxService service) {
    ServiceSettings settings = service.settings();
    NginxRules.Refusal refusal = NginxRules.refuse(service.id().type(), settings);
    for (ServerSettings server : service.servers().values()) {
      if (refusal == null) {
        refusal = NginxRules.refuse(settings, server);
      }
    }
    return refusal;
  }
}
