package io.portal.examples;

import io.portal.core.Portal;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.port.StoreException;
import io.portal.proxy.l4.UserspaceBalancer;
import io.portal.store.Stores;
import java.util.List;

/** A balancer inside another program: state in files, no kernel support needed. */
public final class EmbeddedBalancer {

  private EmbeddedBalancer() {}

  /** Adds a service, prints what there is, and stops. */
  public static void main(String[] arguments) throws StoreException {
    try (Portal portal =
        Portal.builder()
            .store(Stores.open("scribble:///tmp/embedded"))
            .balancer(new UserspaceBalancer())
            .start()) {
      ServiceId id = ServiceId.parse("tcp-127_0_0_3-8080").orElseThrow();
      portal.services().add(new Service(id, ServiceSettings.DEFAULT, List.of()));
      System.out.println(portal.services().list());
    }
  }
}
