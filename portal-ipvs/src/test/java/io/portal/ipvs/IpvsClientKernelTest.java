package io.portal.ipvs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.kernel.KernelTest;
import io.portal.netlink.Errno;
import io.portal.netlink.Netlink;
import io.portal.netlink.NetlinkException;
import io.portal.netlink.NetlinkSocket;
import io.portal.netlink.NetworkNamespace;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Everything the client can ask for, on a real kernel, judged by ipvsadm. */
@KernelTest
class IpvsClientKernelTest {

  @SuppressWarnings("unused")
  private static NetlinkSocket namespaceOfDaemons;

  private NetworkNamespace namespace;
  private IpvsClient client;

  @BeforeEach
  void open() throws Exception {
    namespace = NetworkNamespace.enter();
    client = IpvsClient.open();
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    namespace.close();
  }

  private static InetAddress ip(String literal) throws Exception {
    return InetAddress.getByName(literal);
  }

  private static IpvsKey key(IpvsProtocol protocol, String address, int port) throws Exception {
    return new IpvsKey.Socket(protocol, ip(address), port);
  }

  private static List<String> saved() throws Exception {
    return NetworkNamespace.run("ipvsadm", "-Sn").lines().map(String::strip).toList();
  }

  private void add(IpvsService service) throws Exception {
    client.apply(new IpvsChange.AddService(service));
    assertThat(client.service(service.key()))
        .as("read back")
        .map(IpvsServiceEntry::service)
        .contains(service);
  }

  private void add(IpvsKey service, IpvsDestination destination) throws Exception {
    client.apply(new IpvsChange.AddDestination(service, destination));
    assertThat(client.destinations(service))
        .as("read back")
        .extracting(IpvsDestinationEntry::destination)
        .contains(destination);
  }

  private static void refuses(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @Test
  void everySchedulerOfThisKernel() throws Exception {
    List<String> expected = new ArrayList<>();
    int port = 1;
    for (String scheduler : KernelSchedulers.available()) {
      add(IpvsService.of(key(IpvsProtocol.TCP, "10.0.0.1", port), scheduler));
      expected.add("-A -t 10.0.0.1:" + port++ + " -s " + scheduler);
    }
    assertThat(saved()).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void everyProtocolFamilyAndMark() throws Exception {
    add(IpvsService.of(key(IpvsProtocol.TCP, "10.0.0.1", 80), "rr"));
    add(IpvsService.of(key(IpvsProtocol.UDP, "10.0.0.1", 80), "rr"));
    add(IpvsService.of(key(IpvsProtocol.SCTP, "10.0.0.1", 80), "rr"));
    add(IpvsService.of(key(IpvsProtocol.TCP, "2001:db8::1", 80), "rr"));
    add(IpvsService.of(key(IpvsProtocol.UDP, "2001:db8::1", 80), "rr"));
    add(IpvsService.of(key(IpvsProtocol.SCTP, "2001:db8::1", 80), "rr"));
    add(IpvsService.of(new IpvsKey.Mark(IpvsFamily.IPV4, 1), "rr"));
    add(IpvsService.of(new IpvsKey.Mark(IpvsFamily.IPV6, 1), "rr"));
    add(IpvsService.of(new IpvsKey.Mark(IpvsFamily.IPV4, 0xffffffffL), "rr"));

    assertThat(saved())
        .containsExactlyInAnyOrder(
            "-A -t 10.0.0.1:80 -s rr",
            "-A -u 10.0.0.1:80 -s rr",
            "-A --sctp-service 10.0.0.1:80 -s rr",
            "-A -t [2001:db8::1]:80 -s rr",
            "-A -u [2001:db8::1]:80 -s rr",
            "-A --sctp-service [2001:db8::1]:80 -s rr",
            "-A -f 1 -s rr",
            "-A -f 1 -6 -s rr",
            "-A -f -1 -s rr"); // ipvsadm's own way with marks above 2^31
    assertThat(client.services()).hasSize(9);
  }

  @Test
  void flagsAndPersistence() throws Exception {
    add(
        IpvsService.of(key(IpvsProtocol.TCP, "10.0.0.1", 1), "sh")
            .withFlags(IpvsFlag.FALLBACK, IpvsFlag.HASH_PORT));
    add(IpvsService.of(key(IpvsProtocol.TCP, "10.0.0.1", 2), "mh").withFlags(IpvsFlag.FALLBACK));
    add(IpvsService.of(key(IpvsProtocol.TCP, "10.0.0.1", 3), "mh").withFlags(IpvsFlag.HASH_PORT));
    add(IpvsService.of(key(IpvsProtocol.UDP, "10.0.0.1", 4), "rr").withFlags(IpvsFlag.ONE_PACKET));
    add(IpvsService.of(key(IpvsProtocol.TCP, "10.0.0.1", 5), "rr").withFlags(IpvsFlag.SCHEDULER_3));
    add(
        IpvsService.of(key(IpvsProtocol.TCP, "10.0.0.1", 0), "rr")
            .withPersistence(Duration.ofMinutes(5), IpvsNetmask.prefix(IpvsFamily.IPV4, 24)));
    add(
        IpvsService.of(key(IpvsProtocol.TCP, "2001:db8::1", 6), "rr")
            .withPersistence(Duration.ofDays(31), IpvsNetmask.prefix(IpvsFamily.IPV6, 56)));
    NetworkNamespace.run("modprobe", "ip_vs_pe_sip");
    IpvsService sip =
        IpvsService.of(key(IpvsProtocol.UDP, "10.0.0.1", 5060), "rr")
            .withPersistence(Duration.ofMinutes(1), IpvsNetmask.full(IpvsFamily.IPV4))
            .withPersistenceEngine("sip");
    add(sip);

    assertThat(saved())
        .containsExactlyInAnyOrder(
            "-A -t 10.0.0.1:1 -s sh -b sh-fallback,sh-port",
            "-A -t 10.0.0.1:2 -s mh -b mh-fallback",
            "-A -t 10.0.0.1:3 -s mh -b mh-port",
            "-A -u 10.0.0.1:4 -s rr -o",
            "-A -t 10.0.0.1:5 -s rr -b flag-3",
            "-A -t 10.0.0.1:0 -s rr -p 300 -M 255.255.255.0",
            "-A -t [2001:db8::1]:6 -s rr -p 2678400 -M 56",
            "-A -u 10.0.0.1:5060 -s rr -p 60 --pe sip");

    client.apply(
        new IpvsChange.SetService(
            sip.withPersistence(Duration.ofSeconds(90), IpvsNetmask.full(IpvsFamily.IPV4))));
    assertThat(saved()).as("the engine stays").contains("-A -u 10.0.0.1:5060 -s rr -p 90 --pe sip");
    client.apply(new IpvsChange.SetService(sip.withPersistenceEngine(null)));
    assertThat(saved()).contains("-A -u 10.0.0.1:5060 -s rr -p 60");
  }

  @Test
  void forwardersTunnelsAndThresholds() throws Exception {
    IpvsKey four = key(IpvsProtocol.TCP, "10.0.0.1", 80);
    add(IpvsService.of(four, "wrr"));
    IpvsDestination tunnel = IpvsDestination.of(ip("10.1.0.3"), 80, IpvsForwarder.TUNNEL);
    add(four, IpvsDestination.of(ip("10.1.0.1"), 8080, IpvsForwarder.MASQUERADE).withWeight(0));
    add(
        four,
        IpvsDestination.of(ip("10.1.0.2"), 80, IpvsForwarder.DIRECT_ROUTE)
            .withWeight(Integer.MAX_VALUE)
            .withThresholds(4_000_000_000L, 7));
    add(four, tunnel);
    add(
        four,
        IpvsDestination.of(ip("10.1.0.4"), 80, IpvsForwarder.TUNNEL)
            .withTunnel(IpvsTunnel.gue(6080, IpvsTunnel.Checksum.FULL)));
    add(
        four,
        IpvsDestination.of(ip("10.1.0.5"), 80, IpvsForwarder.TUNNEL)
            .withTunnel(IpvsTunnel.gre(IpvsTunnel.Checksum.NONE)));
    add(
        four,
        IpvsDestination.of(ip("10.1.0.6"), 80, IpvsForwarder.TUNNEL)
            .withTunnel(IpvsTunnel.gue(6080, IpvsTunnel.Checksum.REMOTE)));
    add(four, IpvsDestination.of(ip("2001:db8::9"), 80, IpvsForwarder.TUNNEL));

    assertThat(saved())
        .containsExactlyInAnyOrder(
            "-A -t 10.0.0.1:80 -s wrr",
            "-a -t 10.0.0.1:80 -r 10.1.0.1:8080 -m -w 0",
            "-a -t 10.0.0.1:80 -r 10.1.0.2:80 -g -w 2147483647",
            "-a -t 10.0.0.1:80 -r 10.1.0.3:80 -i -w 1 --tun-type ipip",
            "-a -t 10.0.0.1:80 -r 10.1.0.4:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum",
            "-a -t 10.0.0.1:80 -r 10.1.0.5:80 -i -w 1 --tun-type gre --tun-nocsum",
            "-a -t 10.0.0.1:80 -r 10.1.0.6:80 -i -w 1 --tun-type gue --tun-port 6080"
                + " --tun-remcsum",
            "-a -t 10.0.0.1:80 -r [2001:db8::9]:80 -i -w 1 --tun-type ipip");
    assertThat(NetworkNamespace.run("ipvsadm", "-Ln", "--thresholds"))
        .containsPattern("10\\.1\\.0\\.2:80 +(4000000000|-294967296) +7 ");

    client.apply(
        new IpvsChange.SetDestination(
            four, tunnel.withTunnel(IpvsTunnel.gre(IpvsTunnel.Checksum.FULL))));
    assertThat(saved())
        .contains("-a -t 10.0.0.1:80 -r 10.1.0.3:80 -i -w 1 --tun-type gre --tun-csum");
    client.apply(new IpvsChange.RemoveDestination(four, tunnel));
    assertThat(client.destinations(four)).hasSize(6);
  }

  @Test
  void readsWhatOnlyTheKernelTakes() throws Exception {
    IpvsKey four = key(IpvsProtocol.TCP, "10.0.0.1", 80);
    add(IpvsService.of(four, "rr"));
    add(four, IpvsDestination.of(ip("10.1.0.1"), 80, IpvsForwarder.LOCAL));
    add(four, IpvsDestination.of(ip("10.1.0.2"), 80, IpvsForwarder.BYPASS));
    IpvsService odd =
        IpvsService.of(key(IpvsProtocol.TCP, "10.0.0.1", 81), "rr")
            .withPersistence(Duration.ofSeconds(9), new IpvsNetmask(IpvsFamily.IPV4, 0xff00ff00));
    add(odd);
    assertThat(saved()).contains("-A -t 10.0.0.1:81 -s rr -p 9 -M 255.0.255.0");
  }

  @Test
  void refusals() throws Exception {
    IpvsKey four = key(IpvsProtocol.TCP, "10.0.0.1", 80);
    IpvsService service = IpvsService.of(four, "rr");
    IpvsDestination destination = IpvsDestination.of(ip("10.1.0.1"), 80, IpvsForwarder.MASQUERADE);
    refuses(Errno.ESRCH, () -> client.apply(new IpvsChange.RemoveService(four)));
    refuses(Errno.ESRCH, () -> client.apply(new IpvsChange.SetService(service)));
    refuses(Errno.ESRCH, () -> client.apply(new IpvsChange.AddDestination(four, destination)));
    assertThat(client.service(four)).isEmpty();
    assertThat(client.destinations(four)).isEmpty();
    add(service);
    refuses(Errno.EEXIST, () -> client.apply(new IpvsChange.AddService(service)));
    refuses(
        Errno.ENOENT,
        () -> client.apply(new IpvsChange.SetService(IpvsService.of(four, "nosuch"))));
    refuses(Errno.ENOENT, () -> client.apply(new IpvsChange.SetDestination(four, destination)));
    refuses(Errno.ENOENT, () -> client.apply(new IpvsChange.RemoveDestination(four, destination)));
    IpvsDestination broadcast =
        IpvsDestination.of(ip("255.255.255.255"), 80, IpvsForwarder.MASQUERADE);
    refuses(Errno.EINVAL, () -> client.apply(new IpvsChange.AddDestination(four, broadcast)));
    assertThat(saved()).containsExactly("-A -t 10.0.0.1:80 -s rr");
  }

  /** The kernel adds up what its CPUs counted every two seconds. */
  private IpvsServiceEntry awaitCount(IpvsKey key) throws Exception {
    Instant limit = Instant.now().plusSeconds(30);
    IpvsServiceEntry entry = client.service(key).orElseThrow();
    while (entry.stats().connections() == 0 && Instant.now().isBefore(limit)) {
      TimeUnit.MILLISECONDS.sleep(50);
      entry = client.service(key).orElseThrow();
    }
    return entry;
  }

  @Test
  void statisticsZeroFlushInfoAndTimeouts() throws Exception {
    IpvsKey four = key(IpvsProtocol.UDP, "10.0.0.1", 80);
    add(IpvsService.of(four, "rr"));
    add(four, IpvsDestination.of(ip("10.1.0.1"), 80, IpvsForwarder.MASQUERADE));
    NetworkNamespace.run("ip", "addr", "add", "10.0.0.1/32", "dev", "lo");
    NetworkNamespace.run("ip", "route", "add", "10.1.0.0/24", "dev", "lo");
    try (DatagramSocket socket = new DatagramSocket()) {
      // Nobody is at 10.1.0.1, but the packet is scheduled and counted.
      socket.send(new DatagramPacket(new byte[100], 100, ip("10.0.0.1"), 80));
    }

    IpvsServiceEntry entry = awaitCount(four);
    assertThat(entry.stats().connections()).isEqualTo(1);
    assertThat(entry.stats().inPackets()).isEqualTo(1);
    assertThat(entry.stats().inBytes()).isEqualTo(128);
    IpvsDestinationEntry destination = client.destinations(four).get(0);
    assertThat(destination.stats().connections()).isEqualTo(1);
    assertThat(destination.inactiveConnections()).isEqualTo(1);

    client.zero(four);
    assertThat(client.service(four).orElseThrow().stats().connections()).isZero();
    client.zero();

    assertThat(client.info().version()).isEqualTo("1.2.1");
    assertThat(client.info().connectionTableSize()).isEqualTo(4096);

    client.setTimeouts(
        new IpvsTimeouts(Duration.ofSeconds(111), Duration.ZERO, Duration.ofSeconds(33)));
    assertThat(client.timeouts())
        .isEqualTo(
            new IpvsTimeouts(
                Duration.ofSeconds(111), Duration.ofMinutes(2), Duration.ofSeconds(33)));
    assertThat(NetworkNamespace.run("ipvsadm", "-L", "--timeout")).contains("111 120 33");

    client.flush();
    assertThat(saved()).isEmpty();
    assertThat(client.services()).isEqualTo(List.of());
  }

  @Test
  void synchronisationDaemons() throws Exception {
    // A daemon that is stopped right after its start hung the User-Mode Linux kernel, and the end
    // of its namespace stops it: the namespace lives on to the end of the run.
    namespaceOfDaemons = NetlinkSocket.open(Netlink.GENERIC);
    IpvsDaemon master = IpvsDaemon.of(IpvsDaemon.Role.MASTER, "lo", 7);
    refuses(Errno.ESRCH, () -> client.stopDaemon(master));
    refuses(
        Errno.ENODEV, () -> client.startDaemon(IpvsDaemon.of(IpvsDaemon.Role.MASTER, "nosuch", 7)));
    assertThat(client.daemons()).isEmpty();
    client.startDaemon(
        new IpvsDaemon(IpvsDaemon.Role.BACKUP, "lo", 7, 1400, ip("224.0.0.99"), 8999, 3));
    assertThat(client.daemons())
        .containsExactly(
            new IpvsDaemon(IpvsDaemon.Role.BACKUP, "lo", 7, 1400, ip("224.0.0.99"), 8999, 3));
    assertThat(NetworkNamespace.run("ipvsadm", "-L", "--daemon"))
        .contains("backup sync daemon (mcast=lo, syncid=7");
  }

  @Test
  void manyChangesWithSomeRefused() throws Exception {
    IpvsKey four = key(IpvsProtocol.TCP, "10.0.0.1", 80);
    List<IpvsChange> changes = new ArrayList<>();
    changes.add(new IpvsChange.AddService(IpvsService.of(four, "rr")));
    for (int i = 0; i < 3000; i++) {
      // Every number comes twice, the second time refused.
      int number = i / 2;
      changes.add(
          new IpvsChange.AddDestination(
              four,
              IpvsDestination.of(
                  ip("10.1." + number / 250 + "." + (1 + number % 250)),
                  80,
                  IpvsForwarder.DIRECT_ROUTE)));
    }

    List<IpvsFailure> failures = client.apply(changes);

    assertThat(failures).hasSize(1500);
    assertThat(failures)
        .allSatisfy(
            failure -> {
              assertThat(failure.errno()).isEqualTo(Errno.EEXIST);
              assertThat(failure.index() % 2).isZero();
              assertThat(failure.change()).isSameAs(changes.get(failure.index()));
            });
    assertThat(client.destinations(four)).as("of several parts").hasSize(1500);
    assertThat(saved()).hasSize(1501);
    assertThat(client.changesSent()).isEqualTo(3001);
  }

  @Test
  void severalServicesByKeyAtOnce() throws Exception {
    List<IpvsKey> keys = new ArrayList<>();
    for (int port = 1; port <= 400; port++) {
      keys.add(key(IpvsProtocol.UDP, "10.0.0.1", port));
    }
    for (IpvsKey some : keys.subList(100, 300)) {
      client.apply(new IpvsChange.AddService(IpvsService.of(some, "lc")));
    }

    assertThat(client.services(keys)).containsOnlyKeys(keys.subList(100, 300));
    assertThat(client.service(keys.get(0))).isEqualTo(Optional.empty());
  }

  @Test
  void saysThatPermissionIsMissing() throws Exception {
    assertThat(NetworkNamespace.withoutCapabilities(IpvsClient::open))
        .isInstanceOfSatisfying(
            IpvsUnavailableException.class,
            e -> assertThat(e.reason()).isEqualTo(IpvsUnavailableException.Reason.PERMISSION))
        .hasMessageContaining("CAP_NET_ADMIN");
  }

  @Test
  void closedClientsSaySo() {
    client.close();
    assertThatThrownBy(() -> client.info())
        .isInstanceOf(NetlinkException.class)
        .hasMessageContaining("closed");
  }
}
