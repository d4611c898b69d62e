package io.portal.examples;

import io.portal.core.Portal;
import io.portal.core.model.Forwarder;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.StoreException;
import io.portal.proxy.l4.UserspaceBalancer;
import io.portal.store.file.FileStore;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A load balancer inside another program: one service over given servers, its state in files. */
public final class EmbeddedPortal {

  private EmbeddedPortal() {}

  /**
   * Starts portal and balances a port of loopback over other ports of it. Close what this returns.
   *
   * @param directory where the state is kept
   */
  public static Portal start(Path directory, int port, List<Integer> serverPorts)
      throws StoreException {
    Portal portal =
        Portal.builder().store(FileStore.open(directory)).balancer(new UserspaceBalancer()).start();
    InetAddress loopback = InetAddress.getLoopbackAddress();
    List<Server> servers = new ArrayList<>();
    for (int serverPort : serverPorts) {
      servers.add(
          new Server(
              new ServerId(loopback, serverPort),
              new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0)));
    }
    portal
        .services()
        .add(
            new Service(
                new ServiceId(ServiceType.TCP, loopback, port),
                new ServiceSettings(Scheduler.RR, Duration.ZERO, null),
                servers));
    return portal;
  }
}
