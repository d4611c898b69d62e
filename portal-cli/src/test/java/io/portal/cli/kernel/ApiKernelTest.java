package io.portal.cli.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.cli.kernel.Client.Transfer;
import io.portal.cli.kernel.DaemonProcess.Answer;
import io.portal.core.kernel.KernelTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The first API, {@code /sync} and draining, with a kernel behind them that {@code ipvsadm} changes
 * and judges. The daemon does not look for drift by itself meanwhile.
 */
@KernelTest
@TestInstance(Lifecycle.PER_CLASS)
class ApiKernelTest {

  private static final String SUCCESS = "{\"msg\":\"Success\"}\n";

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
    Path directory = Files.createDirectories(Path.of("/run/portal-api"));
    Path log = Path.of("/run/daemon-api.log");
    daemon =
        new DaemonProcess(topology.director, directory, log, List.of("--reconcile-interval=1h"));
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

  @BeforeEach
  void removeServices() throws Exception {
    daemon.services("[]");
    assertThat(rules()).isEmpty();
  }

  private String rules() throws Exception {
    return topology.director.shell("ipvsadm -Sn");
  }

  private void check(String method, String path, String body, int status, String answer)
      throws Exception {
    assertThat(daemon.ask(method, path, body))
        .as(method + " " + path)
        .isEqualTo(new Answer(status, answer));
  }

  @Test
  void theFirstApiProgramsTheKernel() throws Exception {
    String service = "/services/tcp/10.1.0.1/80";
    assertThat(
            daemon
                .ask("POST", service, "{\"host\":\"10.1.0.1\",\"port\":80,\"scheduler\":\"rr\"}")
                .status())
        .isEqualTo(200);
    for (int n = 1; n <= 2; n++) {
      String host = "10.2." + n + ".2";
      String server = "{\"host\":\"" + host + "\",\"port\":8080,\"forwarder\":\"m\"}";
      assertThat(daemon.ask("POST", service + "/servers/" + host + "/8080", server).status())
          .isEqualTo(200);
    }
    assertThat(rules().lines())
        .containsExactly(
            "-A -t 10.1.0.1:80 -s rr",
            "-a -t 10.1.0.1:80 -r 10.2.1.2:8080 -m -w 1",
            "-a -t 10.1.0.1:80 -r 10.2.2.2:8080 -m -w 1");

    check("DELETE", service + "/servers/10.2.1.2/8080", "", 200, SUCCESS);
    assertThat(rules()).doesNotContain("10.2.1.2").contains("10.2.2.2");
    check("DELETE", service, "", 200, SUCCESS);
    assertThat(rules()).isEmpty();
  }

  @Test
  void rulesOfIpvsadmAreInTheStoreAfterGetSync() throws Exception {
    topology.director.shell("ipvsadm -A -t 10.1.0.1:80 -s wrr -p 300 -M 255.255.255.0");
    topology.director.shell("ipvsadm -a -t 10.1.0.1:80 -r 10.2.1.2:8080 -m -w 7 -x 100 -y 80");
    topology.director.shell("ipvsadm -A -f 7 -s sh");
    String asked = rules();

    check("GET", "/sync", "", 200, SUCCESS);

    check(
        "GET",
        "/services",
        "",
        200,
        "[{\"id\":\"tcp-10_1_0_1-80\",\"host\":\"10.1.0.1\",\"port\":80,\"type\":\"tcp\","
            + "\"scheduler\":\"wrr\",\"persistence\":300,\"netmask\":\"255.255.255.0\","
            + "\"servers\":[{\"id\":\"10_2_1_2-8080\",\"host\":\"10.2.1.2\",\"port\":8080,"
            + "\"forwarder\":\"m\",\"weight\":7,\"upper_threshold\":100,\"lower_threshold\":80}]},"
            + "{\"id\":\"fwmark--7\",\"host\":\"\",\"port\":7,\"type\":\"fwmark\","
            + "\"scheduler\":\"sh\",\"persistence\":0,\"netmask\":\"\"}]\n");
    check(
        "GET",
        "/services/tcp/10.1.0.1/80/servers",
        "",
        200,
        "[{\"id\":\"10_2_1_2-8080\",\"host\":\"10.2.1.2\",\"port\":8080,\"forwarder\":\"m\","
            + "\"weight\":7,\"upper_threshold\":100,\"lower_threshold\":80}]\n");
    assertThat(rules()).isEqualTo(asked);
    daemon.kill();
    daemon.start();
    assertThat(rules()).as("it was stored").isEqualTo(asked);
  }

  @Test
  void whatIpvsadmClearsIsBackAfterPostSync() throws Exception {
    daemon.services(
        "[{\"host\":\"10.1.0.1\",\"port\":80,\"scheduler\":\"rr\",\"servers\":["
            + "{\"host\":\"10.2.1.2\",\"port\":8080,\"forwarder\":\"m\"}]}]");
    String asked = rules();
    topology.director.shell("ipvsadm -C");
    assertThat(rules()).isEmpty();

    check("POST", "/sync", "", 200, SUCCESS);

    assertThat(rules()).isEqualTo(asked);
  }

  @Test
  void aServerThatDrainsFinishesItsTransferAndGetsNoNewConnection() throws Exception {
    daemon.services(
        "[{\"host\":\"10.1.0.1\",\"port\":80,\"scheduler\":\"rr\",\"servers\":["
            + "{\"host\":\"10.2.1.2\",\"port\":8080,\"forwarder\":\"m\"},"
            + "{\"host\":\"10.2.2.2\",\"port\":8080,\"forwarder\":\"m\"}]}]");
    String leaving;
    try (Transfer transfer = client.transfer("10.1.0.1", 80)) {
      leaving = transfer.go(10);
      String id = "10_2_" + leaving.charAt(1) + "_2-8080";
      String path = "/services/tcp-10_1_0_1-80/servers/" + id;

      // So long that only the end of the transfer can be why it goes.
      check("DELETE", path + "?drain=24h", "", 202, "{\"msg\":\"Draining\"}\n");

      assertThat(daemon.ask("GET", path, "").body()).contains("\"draining\":true");
      assertThat(rules()).contains("10.2." + leaving.charAt(1) + ".2:8080 -m -w 0");
      assertThat(client.http("10.1.0.1", 80, 20)).hasSize(1).doesNotContainKey(leaving);
      assertThat(transfer.go(1000)).isEqualTo(leaving);
      assertThat(daemon.ask("GET", path, "").status()).isEqualTo(200);
    }
    String rule = "10.2." + leaving.charAt(1) + ".2:8080";
    DaemonProcess.await("it is gone after its transfer", () -> !rules().contains(rule));
    assertThat(daemon.ask("GET", "/services/tcp-10_1_0_1-80/servers", "").body())
        .doesNotContain("draining");
  }
}
