package io.portal.proxy.nginx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.InvalidException;
import io.portal.core.Portal;
import io.portal.core.RefusedException;
import io.portal.core.model.Forwarder;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.InMemoryStore;
import io.portal.proxy.l4.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** nginx as the balancer of a whole portal: drift repaired, refusals undone. */
class NginxPortalIT {

  @TempDir private Path workDir;
  private InetAddress loopback;
  private TestServer backend;
  private Portal portal;

  @BeforeEach
  void start() throws Exception {
    loopback = InetAddress.getByName("127.0.0.1");
    backend = TestServer.named("a");
    portal =
        Portal.builder()
            .store(new InMemoryStore())
            .balancer(RealNginx.open(workDir))
            .interval(Duration.ofHours(1))
            .start();
  }

  @AfterEach
  void stop() throws Exception {
    if (portal != null) {
      portal.close();
    }
    backend.close();
  }

  private Service service(int port, Forwarder forwarder) {
    ServiceId id = new ServiceId(ServiceType.TCP, loopback, port);
    int serverPort = forwarder == Forwarder.MASQUERADING ? backend.port() : port;
    Server server =
        new Server(new ServerId(loopback, serverPort), new ServerSettings(forwarder, 1, 0, 0));
    return new Service(id, new ServiceSettings(Scheduler.RR, Duration.ZERO, null), List.of(server));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private String ask(Service service) throws IOException {
    try (Socket socket = new Socket(loopback, (int) service.port())) {
      socket.setSoTimeout(20_000);
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  @Test
  void anEditOfTheFileIsDriftAndRepaired() throws Exception {
    Service web = service(freePort(), Forwarder.MASQUERADING);
    portal.services().add(web);
    assertThat(ask(web)).isEqualTo("a");
    Path config = workDir.resolve("portal-nginx.conf");
    String written = Files.readString(config);
    Files.writeString(config, written.replace("proxy_timeout 900s", "proxy_timeout 1s"));

    portal.reconcile();

    assertThat(config).hasContent(written);
    assertThat(portal.health().driftRepaired()).isEqualTo(1);
    assertThat(portal.health().failing()).isEmpty();
  }

  @Test
  void aPortInUseIsRefusedAndNothingIsChanged() throws Exception {
    Service web = service(freePort(), Forwarder.MASQUERADING);
    portal.services().add(web);
    Service taken = service(backend.port(), Forwarder.MASQUERADING);

    assertThatThrownBy(() -> portal.services().add(taken))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("nginx")
        .hasMessageContaining(
            "bind() to 127.0.0.1:" + backend.port() + " failed (98: Address already in use)");

    assertThat(portal.state().services()).containsOnlyKeys(web.id());
    assertThat(ask(web)).isEqualTo("a");
  }

  @Test
  void whatNginxCannotDoIsInvalid() throws Exception {
    Service direct = service(freePort(), Forwarder.GATEWAYING);

    assertThatThrownBy(() -> portal.services().add(direct))
        .isInstanceOf(InvalidException.class)
        .hasMessageContaining("m with the nginx balancer");
    assertThat(portal.state().services()).isEmpty();
  }
}
