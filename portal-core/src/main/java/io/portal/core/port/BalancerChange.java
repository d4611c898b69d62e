package io.portal.core.port;

import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;

/**
 * One step of a plan, which a {@link Balancer} carries out; one step is one message to the kernel.
 */
public sealed interface BalancerChange {

  /** The service that the step is about. */
  ServiceId service();

  /** What the step does and to what, as in {@code add server 10.0.0.9:80 to tcp-10.0.0.1-80}. */
  String describe();

  /** Adds a service without servers. */
  record AddService(ServiceId service, ServiceSettings settings) implements BalancerChange {
    @Override
    public String describe() {
      return "add service " + service.display();
    }
  }

  /** Changes a service's settings. */
  record UpdateService(ServiceId service, ServiceSettings settings) implements BalancerChange {
    @Override
    public String describe() {
      return "change service " + service.display();
    }
  }

  /** Removes a service with its servers. */
  record RemoveService(ServiceId service) implements BalancerChange {
    @Override
    public String describe() {
      return "remove service " + service.display();
    }
  }

  /** Adds a server to a service. */
  record AddServer(ServiceId service, ServerId server, ServerSettings settings)
      implements BalancerChange {
    @Override
    public String describe() {
      return "add server " + server.display() + " to " + service.display();
    }
  }

  /** Changes a server's settings. */
  record UpdateServer(ServiceId service, ServerId server, ServerSettings settings)
      implements BalancerChange {
    @Override
    public String describe() {
      return "change server " + server.display() + " of " + service.display();
    }
  }

  /** Removes a server; its connections end as the balancer ends them. */
  record RemoveServer(ServiceId service, ServerId server) implements BalancerChange {
    @Override
    public String describe() {
      return "remove server " + server.display() + " of " + service.display();
    }
  }
}
