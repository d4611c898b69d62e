package io.portal.ipvs.bench;

import io.portal.core.model.Forwarder;
import io.portal.core.model.Netmask;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.BalancerChange;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Services made up for measuring, and how {@code ipvsadm -Sn} writes them. */
final class BenchServices {

  private static final ServiceSettings SETTINGS =
      new ServiceSettings(Scheduler.WLC, Duration.ZERO, Netmask.full(32));
  private static final ServerSettings SERVER = new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0);

  private BenchServices() {}

  static List<Service> make(int services, int servers) throws UnknownHostException {
    List<Service> made = new ArrayList<>(services);
    for (int i = 0; i < services; i++) {
      ServiceId id = new ServiceId(ServiceType.TCP, address(10, i >> 8, i), 80 + (i >> 16));
      List<Server> behind = new ArrayList<>(servers);
      for (int j = 0; j < servers; j++) {
        behind.add(server(j));
      }
      made.add(new Service(id, SETTINGS, behind));
    }
    return made;
  }

  static Server server(int number) throws UnknownHostException {
    return new Server(new ServerId(address(172, number >> 8, number + 1), 8080), SERVER);
  }

  private static InetAddress address(int first, int third, int fourth) throws UnknownHostException {
    return InetAddress.getByAddress(new byte[] {(byte) first, 16, (byte) third, (byte) fourth});
  }

  static List<BalancerChange> changes(List<Service> services) {
    List<BalancerChange> changes = new ArrayList<>();
    for (Service service : services) {
      changes.add(new BalancerChange.AddService(service.id(), service.settings()));
      for (Server server : service.servers()) {
        changes.add(new BalancerChange.AddServer(service.id(), server.id(), server.settings()));
      }
    }
    return changes;
  }

  /** Lines that {@code ipvsadm -R} reads and {@code -Sn} prints. */
  static List<String> ipvsadm(List<Service> services) {
    List<String> lines = new ArrayList<>();
    for (Service service : services) {
      String address = service.id().host().getHostAddress() + ":" + service.id().port();
      lines.add("-A -t " + address + " -s wlc");
      for (Server server : service.servers()) {
        lines.add("-a -t " + address + " -r " + server.id().display() + " -m -w 1");
      }
    }
    return lines;
  }
}
