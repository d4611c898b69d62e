package io.portal.vip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.Await;
import io.portal.core.InvalidException;
import io.portal.core.Portal;
import io.portal.core.RefusedException;
import io.portal.core.kernel.KernelTest;
import io.portal.core.model.Forwarder;
import io.portal.core.model.InterfaceAddress;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.core.port.InMemoryStore;
import io.portal.core.port.StateStore;
import io.portal.ipvs.IpvsBalancer;
import io.portal.netlink.NetworkNamespace;
import java.io.BufferedReader;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Vips of two directors, seen by a neighbour; {@code ip} is the judge. */
@KernelTest
class VipsKernelTest {

  private static final String A = "dira";
  private static final String B = "dirb";
  private static final String NEIGHBOUR = "neigh";

  private Lan lan;
  private final List<Portal> portals = new ArrayList<>();

  @BeforeEach
  void connect() throws Exception {
    lan = new Lan(A, B, NEIGHBOUR);
  }

  @AfterEach
  void disconnect() throws Exception {
    portals.forEach(Portal::close);
    lan.close();
  }

  private Portal portal(String host) throws Exception {
    return portal(host, new InMemoryStore());
  }

  /** The timer never comes: what happens, happens because of an event. */
  private Portal portal(String host, StateStore store) throws Exception {
    try (NetworkNamespace inside = NetworkNamespace.enter(host)) {
      Portal portal =
          Portal.builder()
              .store(store)
              .balancer(IpvsBalancer.open())
              .vips(KernelVipManager.open(VipSettings.DEFAULT))
              .interval(Duration.ofHours(1))
              .start();
      portals.add(portal);
      return portal;
    }
  }

  private static Vip vip(String ip, String link, String alias) {
    return new Vip(new VipId(InterfaceAddress.parse(ip), link), alias);
  }

  private static Vip vip(String ip) {
    return vip(ip, "eth0", "");
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    Instant limit = Instant.now().plusSeconds(60);
    while (!condition.call()) {
      if (Instant.now().isAfter(limit)) {
        throw new AssertionError("not within a minute: " + what);
      }
      Await.pause();
    }
  }

  /** Addresses with prefix and label as {@code ip} tells them, link-local ones left out. */
  private static List<String> addresses(String host, String link) throws Exception {
    String json = Lan.in(host, "ip -j addr show dev " + link + " scope global");
    return Pattern.compile(
            "\"local\":\"([^\"]+)\",\"prefixlen\":(\\d+)(?:[^{}]*?\"label\":\"([^\"]+)\")?")
        .matcher(json)
        .results()
        .map(
            found ->
                found.group(1)
                    + "/"
                    + found.group(2)
                    + (found.group(3) == null ? "" : " " + found.group(3)))
        .toList();
  }

  private static boolean answers(String address) throws Exception {
    String ping = address.contains(":") ? "ping6" : "ping";
    return Lan.in(NEIGHBOUR, "busybox " + ping + " -c 1 -W 5 " + address).contains("1 packets rec");
  }

  /** The Ethernet address that the neighbour has for an address. */
  private static String neighbourEntry(String address) throws Exception {
    String json = Lan.in(NEIGHBOUR, "ip -j neigh show to " + address + " dev eth0");
    return Pattern.compile("\"lladdr\":\"([^\"]+)\"")
        .matcher(json)
        .results()
        .map((MatchResult found) -> found.group(1))
        .findFirst()
        .orElse("");
  }

  @Test
  void aVipThatMovesIsKnownToTheNeighbourWithoutItsAsking() throws Exception {
    Portal first = portal(A);
    Portal second = portal(B);
    List<Vip> vips = List.of(vip("10.0.0.100/24"), vip("fd00::100/64"));
    first.vips().setAll(vips);
    assertThat(answers("10.0.0.100")).isTrue();
    assertThat(answers("fd00::100")).isTrue();
    assertThat(neighbourEntry("10.0.0.100")).isEqualTo(Lan.mac(A));
    assertThat(neighbourEntry("fd00::100")).isEqualTo(Lan.mac(A));
    // From now on the neighbour cannot send: what it learns, it was told.
    Lan.in(NEIGHBOUR, "tc qdisc replace dev eth0 root blackhole");

    first.vips().setAll(List.of());
    second.vips().setAll(vips);

    String there = Lan.mac(B);
    await("IPv4 entry", () -> neighbourEntry("10.0.0.100").equals(there));
    await("IPv6 entry", () -> neighbourEntry("fd00::100").equals(there));
    Lan.in(NEIGHBOUR, "tc qdisc del dev eth0 root");
    assertThat(answers("10.0.0.100")).isTrue();
    assertThat(answers("fd00::100")).isTrue();
  }

  @Test
  void aVipThatSomebodyDeletesIsBackWithoutTheTimer() throws Exception {
    Portal portal = portal(A);
    portal.vips().setAll(List.of(vip("10.0.0.100/24", "eth0", "eth0:1"), vip("fd00::100")));
    long drift = portal.health().driftRepaired();

    Lan.in(A, "ip addr del 10.0.0.100/24 dev eth0");
    Lan.in(A, "ip addr del fd00::100/128 dev eth0");

    await("both are counted", () -> portal.health().driftRepaired() == drift + 2);
    assertThat(addresses(A, "eth0"))
        .containsExactlyInAnyOrder(
            "10.0.0.1/24 eth0", "10.0.0.100/24 eth0:1", "fd00::1/64", "fd00::100/128");
  }

  @Test
  void aChangedListLeavesWhatStaysAlone() throws Exception {
    Portal portal = portal(A);
    // The first of a network takes the others with it, if the kernel is not told otherwise.
    portal
        .vips()
        .setAll(
            List.of(
                vip("10.9.0.1/24"),
                vip("10.9.0.2/24", "eth0", "eth0:2"),
                vip("10.9.0.3/24"),
                vip("fd00::100/64", "eth0", "eth0:6")));
    Lan.in(A, "ip addr add 10.9.0.77/24 dev eth0");
    Process monitor =
        new ProcessBuilder("ip", "netns", "exec", A, "ip", "-o", "monitor", "address").start();
    List<String> deleted = new ArrayList<>();
    try (BufferedReader told = monitor.inputReader()) {
      await(
          "it is listening",
          () -> {
            Lan.in(A, "ip addr add 10.8.0.1/32 dev lo");
            Lan.in(A, "ip addr del 10.8.0.1/32 dev lo");
            return told.ready();
          });

      portal
          .vips()
          .setAll(
              List.of(
                  vip("10.9.0.2/24", "eth0", "eth0:2"),
                  vip("10.9.0.3/24", "eth0", "eth0:3"),
                  vip("fd00::100/64", "eth0", "eth0:7"),
                  vip("10.9.0.4")));

      Lan.in(A, "ip addr add 10.8.0.2/32 dev lo");
      String line = told.readLine();
      while (line != null && !line.contains("10.8.0.2/32")) {
        if (line.startsWith("Deleted") && !line.contains("10.8.0.1/32")) {
          deleted.add(line.replaceFirst(".*inet6? (\\S+) .*", "$1"));
        }
        line = told.readLine();
      }
    } finally {
      monitor.destroy();
    }
    assertThat(deleted).containsExactlyInAnyOrder("10.9.0.1/24", "10.9.0.3/24");
    assertThat(addresses(A, "eth0"))
        .containsExactlyInAnyOrder(
            "10.0.0.1/24 eth0",
            "10.9.0.2/24 eth0:2",
            "10.9.0.3/24 eth0:3",
            "10.9.0.4/32 eth0",
            "10.9.0.77/24 eth0",
            "fd00::1/64",
            "fd00::100/64");
  }

  @Test
  void aServiceFollowsTheVipBehindItsAlias() throws Exception {
    Portal portal = portal(A);
    portal.vips().add(vip("10.0.0.100/24", "eth0", "eth0:1"));
    List<Server> servers =
        List.of(
            new Server(
                new ServerId(InetAddress.getByName("10.0.0.3"), 8080),
                new ServerSettings(Forwarder.MASQUERADING, 7, 0, 0)));
    portal
        .services()
        .add(
            new Service(
                new ServiceId(ServiceType.TCP, InetAddress.getByName("10.0.0.100"), 80),
                "eth0:1",
                new ServiceSettings(Scheduler.RR, Duration.ZERO, null),
                servers,
                null));

    portal.vips().setAll(List.of(vip("10.0.0.101/24", "eth0", "eth0:1")));

    await("it has moved", () -> Lan.in(A, "ipvsadm -Sn").contains("-A -t 10.0.0.101:80"));
    assertThat(Lan.in(A, "ipvsadm -Sn").lines())
        .containsExactly(
            "-A -t 10.0.0.101:80 -s rr", "-a -t 10.0.0.101:80 -r 10.0.0.3:8080 -m -w 7");
  }

  @Test
  void aServiceFollowsTheFirstAddressOfAnInterface() throws Exception {
    Lan.in(A, "ip link add up0 type dummy");
    Lan.in(A, "ip addr add 10.7.0.1/24 dev up0");
    Portal portal = portal(A);
    assertThat(portal.firstAddress("up0")).isEqualTo(InetAddress.getByName("10.7.0.1"));
    portal
        .services()
        .add(
            new Service(
                new ServiceId(ServiceType.TCP, InetAddress.getByName("10.7.0.1"), 80),
                "up0",
                new ServiceSettings(Scheduler.RR, Duration.ZERO, null),
                List.of(),
                null));

    Lan.in(A, "ip addr del 10.7.0.1/24 dev up0");
    Lan.in(A, "ip addr add 10.7.0.2/24 dev up0");

    await("it has moved", () -> Lan.in(A, "ipvsadm -Sn").equals("-A -t 10.7.0.2:80 -s rr\n"));
  }

  @Test
  void anInterfaceThatComesLaterGetsItsVips() throws Exception {
    Lan.in(A, "ip link add late0 type dummy");
    Portal portal = portal(A);
    portal.vips().add(vip("10.6.0.1/24", "late0", "late0:1"));

    Lan.in(A, "ip link del late0");
    await("it is told", () -> !portal.health().failing().isEmpty());
    Lan.in(A, "ip link add late0 type dummy");

    await("it has its vip", () -> addresses(A, "late0").equals(List.of("10.6.0.1/24 late0:1")));
    await("nothing fails any more", () -> portal.health().failing().isEmpty());
  }

  @Test
  void whatIsThereAlreadyIsAdoptedAndNotTouched() throws Exception {
    InMemoryStore store = new InMemoryStore();
    Portal before = portal(A, store);
    before
        .vips()
        .setAll(
            List.of(vip("10.0.0.100/24", "eth0", "eth0:1"), vip("fd00::100/64", "eth0", "eth0:6")));
    List<String> asked = addresses(A, "eth0");

    Portal after = portal(A, store);

    assertThat(after.health().changes()).isZero();
    assertThat(addresses(A, "eth0")).isEqualTo(asked);
  }

  @Test
  void wrongInputIsRefusedAndNothingChanges() throws Exception {
    Portal portal = portal(A);
    List<String> asked = addresses(A, "eth0");
    assertThatThrownBy(() -> portal.vips().add(vip("10.0.0.100", "eth7", "")))
        .isInstanceOf(InvalidException.class)
        .hasMessage("Invalid interface - 'eth7': must be an interface of this host");
    assertThatThrownBy(() -> vip("10.0.0.100/64")).isInstanceOf(InvalidException.class);
    assertThatThrownBy(() -> vip("10.0.0.100", "eth0", "eth0:12345678901"))
        .isInstanceOf(InvalidException.class);
    // The kernel has one prefix for an IPv6 address.
    assertThatThrownBy(() -> portal.vips().add(vip("fd00::1/128")))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("vip fd00::1/128 on eth0: add address: EEXIST");
    assertThat(portal.vips().list()).isEmpty();
    assertThat(addresses(A, "eth0")).isEqualTo(asked);
  }

  @Test
  void announcementsAreRepeatedAndComeAgainWhenTheInterfaceIsUp() throws Exception {
    Portal portal = portal(A);
    Lan.in(NEIGHBOUR, "tc qdisc add dev eth0 clsact");
    Lan.in(
        NEIGHBOUR,
        "tc filter add dev eth0 ingress protocol arp flower"
            + " arp_sip 10.0.0.100 arp_tip 10.0.0.100 action gact ok");

    portal.vips().add(vip("10.0.0.100/24"));
    await("five pairs", () -> counted() == 10);
    Lan.in(A, "ip link set eth0 down");
    Lan.in(A, "ip link set eth0 up");
    await("five pairs again", () -> counted() == 20);
  }

  private static long counted() throws Exception {
    String listed = Lan.in(NEIGHBOUR, "tc -s filter show dev eth0 ingress");
    return Pattern.compile("Sent \\d+ bytes (\\d+) pkt")
        .matcher(listed)
        .results()
        .mapToLong(found -> Long.parseLong(found.group(1)))
        .sum();
  }
}
