package io.portal.cli.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.cli.kernel.Client.Transfer;
import io.portal.cli.kernel.DaemonProcess.Answer;
import io.portal.core.kernel.KernelTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** portal's main job, from the command line to connections that the kernel balances. */
@KernelTest
@TestInstance(Lifecycle.PER_CLASS)
class DirectorKernelTest {

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
    Path directory = Files.createDirectories(Path.of("/run/portal"));
    Path log = Path.of("/run/daemon.log");
    daemon = new DaemonProcess(topology.director, directory, log);
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
  }

  private static String server(int n, int port, int weight) {
    return "{\"host\":\"10.2.%d.2\",\"port\":%d,\"forwarder\":\"m\",\"weight\":%d}"
        .formatted(n, port, weight);
  }

  private static String service(String type, int port, String settings, String... servers) {
    return "{\"type\":\"%s\",\"host\":\"10.1.0.1\",\"port\":%d,%s,\"servers\":[%s]}"
        .formatted(type, port, settings, String.join(",", servers));
  }

  private static String web(int port, String settings) {
    return service(
        "tcp",
        port,
        settings,
        server(1, Backend.HTTP_PORT, 1),
        server(2, Backend.HTTP_PORT, 1),
        server(3, Backend.HTTP_PORT, 1));
  }

  private String rules() throws Exception {
    return topology.director.shell("ipvsadm -Sn");
  }

  @Test
  void theCommandLineMakesAServiceThatSpreadsRequests() throws Exception {
    daemon.portal("add-service", "-O", "10.1.0.1", "-R", "80", "-T", "tcp", "-s", "rr");
    for (int n = 1; n <= Topology.SERVERS; n++) {
      daemon.portal(
          "add-server", "-I", "tcp-10_1_0_1-80", "-o", "10.2." + n + ".2", "-p", "8080", "-f", "m");
    }

    assertThat(client.http("10.1.0.1", 80, 30)).isEqualTo(Map.of("s1", 10, "s2", 10, "s3", 10));
    assertThat(daemon.portal("show-services"))
        .contains("\"id\":\"tcp-10_1_0_1-80\"", "10_2_3_2-8080");
  }

  @Test
  void datagramsAreSpreadToo() throws Exception {
    daemon.services(
        "["
            + service(
                "udp",
                53,
                "\"scheduler\":\"rr\"",
                server(1, Backend.UDP_PORT, 1),
                server(2, Backend.UDP_PORT, 1),
                server(3, Backend.UDP_PORT, 1))
            + "]");

    assertThat(client.udp("10.1.0.1", 53, 30)).isEqualTo(Map.of("s1", 10, "s2", 10, "s3", 10));
  }

  @Test
  void ipv6IsSpreadToo() throws Exception {
    String servers =
        List.of(1, 2, 3).stream()
            .map(n -> "{\"host\":\"fd00:2:%d::2\",\"port\":8080,\"forwarder\":\"m\"}".formatted(n))
            .collect(Collectors.joining(","));
    daemon.services(
        "[{\"type\":\"tcp\",\"host\":\"fd00:1::1\",\"port\":80,\"scheduler\":\"rr\",\"servers\":["
            + servers
            + "]}]");

    assertThat(client.http("fd00:1::1", 80, 30)).isEqualTo(Map.of("s1", 10, "s2", 10, "s3", 10));
  }

  @Test
  void aPersistentClientSticksToItsServer() throws Exception {
    daemon.services("[" + web(80, "\"scheduler\":\"rr\",\"persistence\":300") + "]");

    assertThat(client.http("10.1.0.1", 80, 12)).hasSize(1).containsValue(12);
  }

  @Test
  void aServerOfWeightZeroGetsNoNewConnections() throws Exception {
    daemon.services(
        "["
            + service(
                "tcp",
                80,
                "\"scheduler\":\"wrr\"",
                server(1, Backend.HTTP_PORT, 1),
                server(2, Backend.HTTP_PORT, 0),
                server(3, Backend.HTTP_PORT, 2))
            + "]");

    assertThat(client.http("10.1.0.1", 80, 30)).isEqualTo(Map.of("s1", 10, "s3", 20));
  }

  @Test
  void theKernelHoldsWhatWasAskedFor() throws Exception {
    daemon.services(
        "["
            + service(
                "tcp",
                80,
                "\"scheduler\":\"sh\",\"persistence\":300,\"netmask\":\"255.255.255.0\"",
                "{\"host\":\"10.2.1.2\",\"port\":8080,\"forwarder\":\"m\",\"weight\":5,"
                    + "\"upper_threshold\":100,\"lower_threshold\":80}",
                "{\"host\":\"10.2.2.2\",\"port\":80,\"forwarder\":\"g\",\"weight\":0}",
                "{\"host\":\"10.2.3.2\",\"port\":80,\"forwarder\":\"i\",\"weight\":65535}")
            + ","
            + service("sctp", 5000, "\"scheduler\":\"lc\"", server(1, 5000, 1))
            + ",{\"type\":\"fwmark\",\"host\":\"\",\"port\":7,\"scheduler\":\"wlc\",\"servers\":["
            + "{\"host\":\"10.2.1.2\",\"port\":80,\"forwarder\":\"g\"}]}"
            + ",{\"type\":\"udp\",\"host\":\"fd00:1::1\",\"port\":53,\"scheduler\":\"mh\","
            + "\"persistence\":60,\"netmask\":\"64\",\"servers\":[]}"
            + "]");

    assertThat(rules().lines())
        .containsExactlyInAnyOrder(
            "-A -t 10.1.0.1:80 -s sh -p 300 -M 255.255.255.0",
            "-a -t 10.1.0.1:80 -r 10.2.1.2:8080 -m -w 5",
            "-a -t 10.1.0.1:80 -r 10.2.2.2:80 -g -w 0",
            "-a -t 10.1.0.1:80 -r 10.2.3.2:80 -i -w 65535 --tun-type ipip",
            "-A --sctp-service 10.1.0.1:5000 -s lc",
            "-a --sctp-service 10.1.0.1:5000 -r 10.2.1.2:5000 -m -w 1",
            "-A -f 7 -s wlc",
            "-a -f 7 -r 10.2.1.2:80 -g -w 1",
            "-A -u [fd00:1::1]:53 -s mh -p 60 -M 64");
    assertThat(topology.director.shell("ipvsadm -Ln --thresholds"))
        .containsPattern("10.2.1.2:8080 +100 +80 ");
  }

  @Test
  void oneChangeAmongAThousandServicesDisturbsNothing() throws Exception {
    List<String> services = new ArrayList<>();
    for (int port = 1001; port <= 2000; port++) {
      services.add(web(port, "\"scheduler\":\"rr\""));
    }
    daemon.services("[" + String.join(",", services) + "]");
    try (Transfer other = client.transfer("10.1.0.1", 1002);
        Transfer same = client.transfer("10.1.0.1", 1500)) {
      String unchanged = same.go(10);
      int changed = unchanged.equals("s1") ? 2 : 1;
      other.go(10);
      long before = daemon.told("changes");
      services.set(
          499,
          service(
              "tcp",
              1500,
              "\"scheduler\":\"rr\"",
              server(1, Backend.HTTP_PORT, changed == 1 ? 9 : 1),
              server(2, Backend.HTTP_PORT, changed == 2 ? 9 : 1),
              server(3, Backend.HTTP_PORT, 1)));

      daemon.services("[" + String.join(",", services) + "]");

      assertThat(daemon.told("changes") - before).isEqualTo(1);
      assertThat(rules()).contains("-a -t 10.1.0.1:1500 -r 10.2." + changed + ".2:8080 -m -w 9");
      other.go(100);
      assertThat(same.go(100)).isEqualTo(unchanged);

      services.set(
          499,
          service("tcp", 1500, "\"scheduler\":\"rr\"", server(unchanged.charAt(1) - '0', 8080, 1)));
      daemon.services("[" + String.join(",", services) + "]");

      assertThat(daemon.told("changes") - before).as("two servers removed").isEqualTo(3);
      assertThat(same.go(100)).isEqualTo(unchanged);
      other.go(100);
    }
  }

  @Test
  void whatSomebodyElseClearsIsBackWithinAnInterval() throws Exception {
    daemon.services("[" + web(80, "\"scheduler\":\"rr\"") + "]");
    String asked = rules();
    long drift = daemon.told("drift_repaired");

    topology.director.shell("ipvsadm -C");

    DaemonProcess.await("the rules are back", () -> rules().equals(asked));
    DaemonProcess.await("it is counted", () -> daemon.told("drift_repaired") - drift == 4);
    assertThat(client.http("10.1.0.1", 80, 3)).hasSize(3);
  }

  @Test
  void aTransferOutlivesTheDaemonAndARestartChangesNothing() throws Exception {
    daemon.services("[" + web(80, "\"scheduler\":\"rr\"") + "]");
    String asked = rules();
    try (Transfer transfer = client.transfer("10.1.0.1", 80)) {
      String server = transfer.go(10);

      daemon.kill();

      assertThat(transfer.go(100)).isEqualTo(server);
      assertThat(rules()).isEqualTo(asked);
      daemon.start();
      assertThat(daemon.told("changes")).isZero();
      assertThat(rules()).isEqualTo(asked);
      assertThat(transfer.go(100)).isEqualTo(server);
    }
  }

  @Test
  void whatTheKernelRefusesIsAnsweredByNameAndLeavesAllAsItWas() throws Exception {
    daemon.services("[" + web(80, "\"scheduler\":\"rr\"") + "]");
    String asked = rules();
    String stored = daemon.ask("GET", "/services", "").body();

    // This kernel has no module for the scheduler twos.
    Answer answer =
        daemon.ask(
            "POST", "/services", service("tcp", 81, "\"scheduler\":\"twos\"", server(1, 8080, 1)));

    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.body()).contains("IPVS: add service tcp-10.1.0.1-81: ENOENT");
    assertThat(rules()).isEqualTo(asked);
    assertThat(daemon.ask("GET", "/services", "").body()).isEqualTo(stored);
  }

  @Test
  void aVipIsPutBackAndTheServiceBoundToItIsReachable() throws Exception {
    daemon.portal("add-vip", "-I", "10.1.0.100/24", "-F", "di-cl", "-A", "di-cl:1");
    try {
      daemon.services(
          "["
              + web(80, "\"scheduler\":\"rr\"")
                  .replace("\"host\":\"10.1.0.1\"", "\"interface\":\"di-cl:1\"")
              + "]");
      assertThat(client.http("10.1.0.100", 80, 30)).isEqualTo(Map.of("s1", 10, "s2", 10, "s3", 10));

      topology.director.shell("ip addr del 10.1.0.100/24 dev di-cl");
      DaemonProcess.await("it is back", () -> vips().contains("10.1.0.100/24"));
      assertThat(vips()).contains("di-cl:1");

      assertThat(daemon.ask("POST", "/vips", vip("10.1.0.100/24", "di-s1", "")).status())
          .isEqualTo(409);
      Answer unknown = daemon.ask("POST", "/vips", vip("10.1.0.101", "eth7", ""));
      assertThat(unknown.status()).isEqualTo(400);
      assertThat(unknown.body())
          .contains("Invalid interface - 'eth7': must be an interface of this host");
      assertThat(daemon.ask("POST", "/vips", vip("10.1.0.101/64", "di-cl", "")).status())
          .isEqualTo(400);
    } finally {
      assertThat(daemon.ask("PUT", "/vips", "[]").status()).isEqualTo(200);
    }
    assertThat(vips()).doesNotContain("10.1.0.100");
    assertThat(vips()).contains("10.1.0.1/24");
  }

  private static String vip(String ip, String link, String alias) {
    return "{\"ip\":\"%s\",\"interface\":\"%s\",\"alias\":\"%s\"}".formatted(ip, link, alias);
  }

  private String vips() throws Exception {
    return topology.director.shell("ip -o -4 addr show dev di-cl");
  }
}
