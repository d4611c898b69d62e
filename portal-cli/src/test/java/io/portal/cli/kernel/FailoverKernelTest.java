package io.portal.cli.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.cli.kernel.Client.Transfer;
import io.portal.core.kernel.KernelTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two directors of a cluster, of which the one with the vip goes. */
@KernelTest
class FailoverKernelTest {

  private static final String TOKEN = "cluster-token";

  private final List<Backend> backends = new ArrayList<>();
  private final List<DaemonProcess> daemons = new ArrayList<>();
  private Lan lan;
  private Client client;
  private Process redis;

  @BeforeEach
  void start() throws Exception {
    lan = new Lan();
    client = new Client(lan.client);
    for (Namespace server : lan.servers) {
      backends.add(new Backend(server));
    }
    redis =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                "rd",
                "redis-server",
                "--bind",
                "10.3.0.9",
                "--save",
                "",
                "--requirepass",
                TOKEN,
                "--dir",
                "/run")
            .redirectErrorStream(true)
            .redirectOutput(Path.of("/run/redis.log").toFile())
            .start();
    DaemonProcess.await(
        "redis listens", () -> lan.redis.shell("ss -Hltn sport = :6379").contains("6379"));
    for (Namespace director : lan.directors) {
      Path directory = Files.createDirectories(Path.of("/run/portal-" + director.name()));
      Path log = Path.of("/run/" + director.name() + ".log");
      DaemonProcess daemon =
          new DaemonProcess(
              director,
              directory,
              log,
              List.of(
                  // The namespaces of this kernel have one host name.
                  "--api-port=" + (daemons.isEmpty() ? 8443 : 8444),
                  "--cluster-connection=redis://10.3.0.9:6379",
                  "--cluster-token=" + TOKEN,
                  "--ipvs-sync=lan0",
                  "--ipvs-sync-id=7"));
      daemons.add(daemon);
      try {
        daemon.start();
      } catch (Exception | AssertionError e) {
        throw new AssertionError("the daemon's log:\n" + Files.readString(log), e);
      }
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (DaemonProcess daemon : daemons) {
      daemon.kill();
    }
    redis.destroy();
    redis.waitFor(10, TimeUnit.SECONDS);
    for (Backend backend : backends) {
      backend.close();
    }
    lan.close();
  }

  private String owner() throws Exception {
    for (Namespace director : lan.directors) {
      if (director.shell("ip addr show dev lan0").contains(Lan.VIP)) {
        return director.name();
      }
    }
    return "";
  }

  @Test
  void aVipMovesWithinFiveSecondsAndItsConnectionsLiveOn() throws Exception {
    DaemonProcess first = daemons.get(0);
    first.services(
        """
        [{"host":"10.3.0.100","port":8080,"type":"tcp","scheduler":"rr","servers":[
          {"host":"10.3.0.11","port":8080,"forwarder":"g"},
          {"host":"10.3.0.12","port":8080,"forwarder":"g"}]}]""");
    first.portal("add-vip", "-I", Lan.VIP + "/32", "-F", "lan0");
    DaemonProcess.await("a director has the vip", () -> !owner().isEmpty());
    int has = owner().equals("d1") ? 0 : 1;
    Namespace other = lan.directors.get(1 - has);
    DaemonProcess.await(
        "the other one has the rules", () -> other.shell("ipvsadm -Sn").contains(Lan.VIP));

    assertThat(client.http(Lan.VIP, 8080, 10)).containsEntry("s1", 5).containsEntry("s2", 5);
    try (Transfer transfer = client.transfer(Lan.VIP, 8080)) {
      String server = transfer.go(100);
      DaemonProcess.await(
          "the other director knows the connection",
          () -> other.shell("ipvsadm -Lnc").contains("ESTABLISHED"));

      long cut = System.nanoTime();
      daemons.get(has).kill();
      lan.cut(lan.directors.get(has));
      DaemonProcess.await(
          "new connections work again", () -> !client.quick(Lan.VIP, 8080, 250).isEmpty());
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - cut);
      System.out.println("failover: new connections after " + millis + " ms");
      assertThat(millis).isLessThanOrEqualTo(5000);
      assertThat(other.shell("ip addr show dev lan0")).contains(Lan.VIP);

      // The same connection, through the other director, to the same server.
      for (int i = 0; i < 5; i++) {
        assertThat(transfer.go(100)).isEqualTo(server);
      }
      assertThat(other.shell("ipvsadm -Lnc")).contains("ESTABLISHED");
    } finally {
      lan.plug(lan.directors.get(has));
    }
  }
}
