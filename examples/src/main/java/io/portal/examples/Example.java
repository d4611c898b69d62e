package io.portal.examples;

import io.portal.core.Portal;
import io.portal.core.model.*;
import io.portal.proxy.l4.UserspaceBalancer;
import io.portal.store.file.FileStore;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A service on port 8080 of loopback, balanced over one server. */
final class Example {

  private Example() {}

  public static void main(String[] arguments) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    Server server =
        new Server(
            new ServerId(loopback, 8081), new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0));
    try (Portal portal =
        Portal.builder()
            .store(FileStore.open(Path.of(arguments[0])))
            .balancer(new UserspaceBalancer())
            .start()) {
      portal
          .services()
          .add( // returns when it is on disk and balanced
              new Service(
                  new ServiceId(ServiceType.TCP, loopback, 8080),
                  new ServiceSettings(Scheduler.RR, Duration.ZERO, null),
                  List.of(server)));
    }
  }
}
