package io.portal.proxy.l4;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.Await;
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
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The userspace balancer under a whole portal: a replaced list is a diff, a drain drains. */
class UserspacePortalTest {

  private InetAddress loopback;
  private TestServer a;
  private TestServer b;
  private Portal portal;
  private ServiceId web;

  @BeforeEach
  void start() throws Exception {
    loopback = InetAddress.getByName("127.0.0.1");
    a = TestServer.echo("a");
    b = TestServer.echo("b");
    portal =
        Portal.builder()
            .store(new InMemoryStore())
            .balancer(new UserspaceBalancer())
            .interval(Duration.ofHours(1))
            .start();
    web = new ServiceId(ServiceType.TCP, loopback, freePort());
    portal
        .services()
        .add(
            new Service(
                web,
                new ServiceSettings(Scheduler.RR, Duration.ZERO, null),
                List.of(server(a, 1), server(b, 1))));
  }

  @AfterEach
  void stop() throws Exception {
    portal.close();
    a.close();
    b.close();
  }

  private Server server(TestServer at, int weight) {
    return new Server(
        new ServerId(loopback, at.port()),
        new ServerSettings(Forwarder.MASQUERADING, weight, 0, 0));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(loopback, (int) web.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static String read(Socket socket) throws IOException {
    return new String(socket.getInputStream().readNBytes(1), UTF_8);
  }

  private TestServer serverOf(Socket socket) throws IOException {
    return read(socket).equals("a") ? a : b;
  }

  @Test
  void aReplacedListLeavesRunningConnectionsAlone() throws Exception {
    try (Socket socket = connect()) {
      TestServer mine = serverOf(socket);
      TestServer other = mine == a ? b : a;

      portal.services().setServers(web, List.of(server(other, 5), server(mine, 1)));
      portal
          .services()
          .setAll(
              List.of(
                  new Service(
                      web,
                      new ServiceSettings(Scheduler.WLC, Duration.ZERO, null),
                      List.of(server(mine, 1)))));

      socket.getOutputStream().write('x');
      assertThat(read(socket)).isEqualTo("x");
    }
  }

  @Test
  void aDrainedServerLeavesWithItsLastConnection() throws Exception {
    TestServer staying;
    try (Socket socket = connect()) {
      TestServer leaving = serverOf(socket);
      staying = leaving == a ? b : a;

      portal.services().removeServer(web, server(leaving, 1).id(), Duration.ofHours(1));

      for (int i = 0; i < 3; i++) {
        try (Socket other = connect()) {
          assertThat(serverOf(other)).isSameAs(staying);
        }
      }
      assertThat(portal.state().services().get(web).servers()).hasSize(2);
      socket.getOutputStream().write('x');
      assertThat(read(socket)).isEqualTo("x");
    }
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (portal.state().services().get(web).servers().size() > 1) {
      assertThat(System.nanoTime()).as("time is up").isLessThan(limit);
      Await.pause();
    }
    assertThat(portal.state().services().get(web).servers())
        .extracting(Server::id)
        .containsExactly(server(staying, 1).id());
  }

  @Test
  void aPortInUseIsRefusedAndNothingIsChanged() {
    Service taken =
        new Service(
            new ServiceId(ServiceType.TCP, loopback, b.port()),
            ServiceSettings.DEFAULT,
            List.of(server(a, 1)));

    assertThatThrownBy(() -> portal.services().add(taken))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("userspace")
        .hasMessageContaining("EADDRINUSE");

    assertThat(portal.state().services()).containsOnlyKeys(web);
  }
}
