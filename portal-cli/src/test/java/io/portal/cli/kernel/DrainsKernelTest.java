package io.portal.cli.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.cli.kernel.Client.Transfer;
import io.portal.core.kernel.KernelTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Drains where the kernel would refuse new clients, and a service that somebody removes in the
 * middle of one.
 */
@KernelTest
@TestInstance(Lifecycle.PER_CLASS)
class DrainsKernelTest {

  private static final String ID = "tcp-10_1_0_1-80";

  private Topology topology;
  private final List<Backend> backends = new ArrayList<>();
  private Client client;
  private DaemonProcess daemon;

  @BeforeAll
  void start() throws Exception {
    topology = new Topology();
    for (Namespace server : topology.servers) {
      backends.add(new Backend(server));
    }
    client = new Client(topology.client);
    Path log = Path.of("/run/daemon-drains.log");
    daemon =
        new DaemonProcess(
            topology.director,
            Files.createDirectories(Path.of("/run/portal-drains")),
            log,
            List.of("--reconcile-interval=1h"));
    try {
      daemon.start();
    } catch (Exception | AssertionError e) {
      throw new AssertionError("the daemon's log:\n" + Files.readString(log), e);
    }
  }

  @AfterAll
  void stop() throws Exception {
    daemon.close();
    for (Backend backend : backends) {
      backend.close();
    }
    topology.close();
  }

  private void serve(String scheduler) throws Exception {
    daemon.services("[]");
    daemon.services(
        "[{\"host\":\"10.1.0.1\",\"port\":80,\"scheduler\":\""
            + scheduler
            + "\",\"servers\":["
            + "{\"host\":\"10.2.1.2\",\"port\":8080,\"forwarder\":\"m\"},"
            + "{\"host\":\"10.2.2.2\",\"port\":8080,\"forwarder\":\"m\"}]}]");
  }

  private String drain(String server) throws Exception {
    String path = "/services/" + ID + "/servers/10_2_" + server.charAt(1) + "_2-8080";
    assertThat(daemon.ask("DELETE", path + "?drain=24h", "").status()).isEqualTo(202);
    return path;
  }

  @ParameterizedTest
  @ValueSource(strings = {"sh", "mh", "dh"})
  void refusesNoNewClient(String scheduler) throws Exception {
    serve(scheduler);
    String scheduled = topology.director.shell("ipvsadm -Sn").lines().findFirst().orElseThrow();
    String leaving;
    try (Transfer transfer = client.transfer("10.1.0.1", 80)) {
      leaving = transfer.go(10);

      String path = drain(leaving);

      assertThat(client.http("10.1.0.1", 80, 20)).hasSize(1).doesNotContainKey(leaving);
      assertThat(transfer.go(100)).as("what runs goes on").isEqualTo(leaving);
      assertThat(daemon.ask("POST", "/services/" + ID + "/servers", body(leaving)).status())
          .as("called off")
          .isEqualTo(200);
      assertThat(daemon.ask("GET", path, "").body()).doesNotContain("draining");
      assertThat(transfer.go(100)).isEqualTo(leaving);
    }
    assertThat(topology.director.shell("ipvsadm -Sn")).contains(scheduled + "\n");
    assertThat(client.http("10.1.0.1", 80, 5)).containsOnlyKeys(leaving);
  }

  private static String body(String server) {
    return "{\"host\":\"10.2." + server.charAt(1) + ".2\",\"port\":8080,\"forwarder\":\"m\"}";
  }

  @Test
  void sendsAClientThatSticksElsewhere() throws Exception {
    serve("rr\",\"persistence\":300,\"netmask\":\"");
    String leaving = client.http("10.1.0.1", 80, 5).keySet().iterator().next();
    assertThat(client.http("10.1.0.1", 80, 5)).containsOnlyKeys(leaving);

    drain(leaving);

    assertThat(client.http("10.1.0.1", 80, 5)).hasSize(1).doesNotContainKey(leaving);
  }

  @Test
  void outlivesItsServiceBeingTakenAway() throws Exception {
    serve("rr");
    // With its last service the kernel unhooks IPVS, and resets what runs at that very moment.
    String other = "{\"host\":\"10.1.0.1\",\"port\":81}";
    assertThat(daemon.ask("POST", "/services", other).status()).isEqualTo(200);
    try (Transfer transfer = client.transfer("10.1.0.1", 80)) {
      String leaving = transfer.go(10);
      String path = drain(leaving);

      topology.director.shell("ipvsadm -D -t 10.1.0.1:80");

      DaemonProcess.await(
          "it is there again", () -> topology.director.shell("ipvsadm -Sn").lines().count() == 4);
      assertThat(transfer.go(100)).isEqualTo(leaving);
      assertThat(daemon.ask("GET", path, "").body()).contains("\"draining\":true");
    }
  }
}
