package io.portal.ipvs;

import static io.portal.netlink.FakeTransport.error;
import static io.portal.netlink.FakeTransport.hex;
import static io.portal.netlink.FakeTransport.join;
import static io.portal.netlink.FakeTransport.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.netlink.Errno;
import io.portal.netlink.FakeTransport;
import io.portal.netlink.NetlinkException;
import io.portal.netlink.NetlinkOverrunException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The client on bytes: those of a captured session, of older and newer kernels, and of failures.
 */
class IpvsClientTest {

  private static final int FAMILY = 0x1c;
  private static final int MULTI = 2;

  /** nlctrl tells the family's id; the acknowledgement comes behind. */
  private static final List<Object> RESOLVED =
      List.of(
          message(0x10, 0, 1, hex("01020000 0600 0100 1c000000 0800 0300 01000000")), error(1, 0));

  private static final List<Object> INFO =
      List.of(
          message(FAMILY, 0, 2, hex("0e010000 0800 0100 01020100 0800 0200 00100000")),
          error(2, 0));

  private static InetAddress ip(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(literal, e);
    }
  }

  private static final IpvsKey WEB = new IpvsKey.Socket(IpvsProtocol.TCP, ip("10.0.0.1"), 80);

  @SafeVarargs
  @SuppressWarnings("varargs")
  private static FakeTransport kernel(List<Object>... answers) {
    Deque<List<Object>> left = new ArrayDeque<>(List.of(answers));
    return new FakeTransport(1 << 16, asked -> left.isEmpty() ? List.of() : left.poll());
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private static IpvsClient opened(List<Object>... answers) throws Exception {
    List<List<Object>> all = new ArrayList<>(List.of(RESOLVED, INFO));
    all.addAll(List.of(answers));
    Deque<List<Object>> left = new ArrayDeque<>(all);
    return IpvsClient.over(new FakeTransport(1 << 16, asked -> left.poll()));
  }

  private static List<Object> resolvedAs(int family, int sequence) {
    return List.of(
        message(
            0x10,
            0,
            sequence,
            hex("01020000 0600 0100 %02x000000 0800 0300 01000000".formatted(family))),
        error(sequence, 0));
  }

  @Test
  void asksForTheFamilyAgainWhenItsModuleWasLoadedAgain() throws Exception {
    List<Integer> types = new ArrayList<>();
    Deque<List<Object>> left =
        new ArrayDeque<>(
            List.of(
                RESOLVED,
                INFO,
                List.of(error(3, 2), error(4, 2)),
                resolvedAs(FAMILY + 1, 5),
                List.of(error(7, 0)),
                List.of(error(8, 2)),
                resolvedAs(FAMILY + 1, 9)));
    IpvsClient client =
        IpvsClient.over(
            new FakeTransport(
                1 << 16,
                asked -> {
                  types.add((int) asked.duplicate().order(ByteOrder.nativeOrder()).getShort(4));
                  return left.poll();
                }));
    IpvsChange add = new IpvsChange.AddService(IpvsService.of(WEB, "rr"));

    assertThat(client.apply(List.of(add, add))).isEmpty();
    assertThat(client.apply(List.of(add)))
        .as("an ENOENT of the family itself")
        .extracting(IpvsFailure::errno)
        .containsExactly(Errno.ENOENT);

    assertThat(types).containsExactly(0x10, FAMILY, FAMILY, 0x10, FAMILY + 1, FAMILY + 1, 0x10);
  }

  @Test
  void repeatsACapturedSession() throws Exception {
    IpvsClient client = IpvsClient.over(CapturedSession.play("linux-6.1.txt"));
    IpvsService web =
        new IpvsService(
            WEB,
            "sh",
            Set.of(IpvsFlag.FALLBACK),
            Duration.ofMinutes(5),
            IpvsNetmask.prefix(IpvsFamily.IPV4, 24),
            null);

    assertThat(client.services())
        .containsExactlyInAnyOrder(
            new IpvsServiceEntry(
                IpvsService.of(new IpvsKey.Socket(IpvsProtocol.TCP, ip("2001:db8::1"), 443), "mh")
                    .withFlags(IpvsFlag.HASH_PORT),
                IpvsStats.NONE),
            new IpvsServiceEntry(web, IpvsStats.NONE),
            new IpvsServiceEntry(
                IpvsService.of(new IpvsKey.Socket(IpvsProtocol.UDP, ip("10.0.0.1"), 5060), "rr")
                    .withPersistence(Duration.ofMinutes(1), IpvsNetmask.full(IpvsFamily.IPV4))
                    .withPersistenceEngine("sip"),
                IpvsStats.NONE),
            new IpvsServiceEntry(
                IpvsService.of(new IpvsKey.Mark(IpvsFamily.IPV4, 7), "wlc"), IpvsStats.NONE));
    assertThat(client.destinations(WEB))
        .extracting(IpvsDestinationEntry::destination)
        .containsExactly(
            IpvsDestination.of(ip("10.1.0.2"), 80, IpvsForwarder.DIRECT_ROUTE).withWeight(0),
            IpvsDestination.of(ip("2001:db8::9"), 80, IpvsForwarder.TUNNEL)
                .withTunnel(IpvsTunnel.gue(6080, IpvsTunnel.Checksum.FULL)),
            IpvsDestination.of(ip("10.1.0.1"), 80, IpvsForwarder.MASQUERADE)
                .withWeight(5)
                .withThresholds(100, 80));
    assertThat(client.service(WEB)).contains(new IpvsServiceEntry(web, IpvsStats.NONE));
    assertThat(client.timeouts())
        .isEqualTo(
            new IpvsTimeouts(Duration.ofMinutes(15), Duration.ofMinutes(2), Duration.ofMinutes(5)));
    assertThatThrownBy(() -> client.apply(new IpvsChange.AddService(IpvsService.of(WEB, "rr"))))
        .hasMessage("add service tcp 10.0.0.1:80: EEXIST");
    IpvsDaemon backup =
        new IpvsDaemon(IpvsDaemon.Role.BACKUP, "lo", 7, 1400, ip("224.0.0.99"), 8999, 3);
    client.startDaemon(backup);
    assertThat(client.daemons()).containsExactly(backup);
  }

  @Test
  void writesADestinationAsLiteralBytes() throws Exception {
    FakeTransport transport = kernel(RESOLVED, INFO, List.of(error(3, 0)));
    IpvsClient client = IpvsClient.over(transport);

    client.apply(
        new IpvsChange.AddDestination(
            WEB,
            IpvsDestination.of(ip("10.1.0.1"), 80, IpvsForwarder.TUNNEL)
                .withWeight(5)
                .withThresholds(100, 80)
                .withTunnel(IpvsTunnel.gue(6080, IpvsTunnel.Checksum.REMOTE))));

    assertThat(transport.sent().get(2))
        .isEqualTo(
            hex(
                """
                8c000000 1c00 0500 03000000 00000000
                05 01 0000
                2400 0180
                  0600 0100 02000000
                  0600 0200 06000000
                  0800 0300 0a000001
                  0600 0400 00500000
                5400 0280
                  0600 0b00 02000000
                  0800 0100 0a010001
                  0600 0200 00500000
                  0800 0300 02000000
                  0800 0400 05000000
                  0800 0500 64000000
                  0800 0600 50000000
                  0500 0d00 01000000
                  0600 0e00 17c00000
                  0600 0f00 02000000
                """));
  }

  @Test
  void readsAKernelOf4xWithoutNewerAttributes() throws Exception {
    // No ADDR_FAMILY, TUN_* or STATS64; STATS with 32-bit counters but for bytes.
    byte[] old =
        message(
            FAMILY,
            MULTI,
            3,
            hex(
                """
                05010000
                6800 0200
                  1400 0100 0a010001 00000000 00000000 00000000
                  0600 0200 00500000
                  0800 0300 02000000
                  0800 0400 01000000
                  0800 0500 00000000
                  0800 0600 00000000
                  0800 0700 03000000
                  2000 0a00
                    0800 0100 09000000
                    0c00 0400 0000000001000000
                    0800 0600 07000000
                """));
    IpvsClient client = opened(List.of(old, message(3, MULTI, 3, hex("00000000"))));

    IpvsDestinationEntry entry = client.destinations(WEB).get(0);

    assertThat(entry.destination())
        .isEqualTo(IpvsDestination.of(ip("10.1.0.1"), 80, IpvsForwarder.TUNNEL));
    assertThat(entry.activeConnections()).isEqualTo(3);
    assertThat(entry.stats()).isEqualTo(new IpvsStats(9, 0, 0, 1L << 32, 0, 7, 0, 0, 0, 0));
  }

  @Test
  void takesUnknownAttributesAndValues() throws Exception {
    byte[] future =
        message(
            FAMILY,
            MULTI,
            3,
            hex(
                """
                05010000
                5000 0200
                  0600 0b00 02000000
                  1400 0100 0a010001 00000000 00000000 00000000
                  0600 0200 00500000
                  0800 0300 06000000
                  0800 0400 ffffffff
                  0500 0d00 09000000
                  0600 0e00 17c00000
                  0800 6300 deadbeef
                0800 6300 deadbeef
                """));
    IpvsClient client = opened(List.of(future, message(3, MULTI, 3, hex("00000000"))));

    assertThat(client.destinations(WEB).get(0).destination())
        .isEqualTo(
            new IpvsDestination(
                ip("10.1.0.1"),
                80,
                IpvsForwarder.OTHER,
                0,
                0,
                0,
                new IpvsTunnel(IpvsTunnel.Type.OTHER, 6080, IpvsTunnel.Checksum.NONE)));
  }

  @Test
  void readsAServiceOfAnotherProtocol() throws Exception {
    byte[] odd =
        message(
            FAMILY,
            MULTI,
            3,
            hex(
                """
                01010000
                4c00 0100
                  0600 0100 02000000
                  0600 0200 2f000000
                  1400 0300 0a000001 00000000 00000000 00000000
                  0600 0400 00500000
                  0700 0600 72720000
                  0c00 0700 02010000 ffffffff
                  0800 0900 ffffffff
                """));
    IpvsClient client = opened(List.of(odd, message(3, MULTI, 3, hex("00000000"))));

    assertThat(client.services())
        .containsExactly(
            new IpvsServiceEntry(
                IpvsService.of(new IpvsKey.Socket(IpvsProtocol.OTHER, ip("10.0.0.1"), 80), "rr"),
                IpvsStats.NONE));
  }

  @Test
  void damagedAttributesAreAnErrorWithTheOperation() throws Exception {
    byte[] damaged = message(FAMILY, MULTI, 3, hex("05010000 0a00 0200 0600 0400 0100 0000"));
    IpvsClient client = opened(List.of(damaged, message(3, MULTI, 3, hex("00000000"))));

    assertThatThrownBy(() -> client.destinations(WEB))
        .isInstanceOf(NetlinkException.class)
        .hasMessage("dump destinations: attribute 4 of 2 bytes where 4 are due");
  }

  private static byte[] destination(int sequence, int last) {
    return message(
        FAMILY,
        MULTI,
        sequence,
        join(
            hex("05010000 1c00 0200 0600 0b00 02000000 0800 0100"),
            new byte[] {10, 1, 0, (byte) last},
            hex("0600 0200 00500000")));
  }

  @Test
  void dumpsAgainUntilTwoAnswersOfSeveralPartsAgree() throws Exception {
    byte[] end = hex("00000000");
    IpvsClient client =
        opened(
            List.of(destination(3, 1), destination(3, 3), message(3, MULTI, 3, end)),
            List.of(
                destination(4, 1), destination(4, 2), destination(4, 3), message(3, MULTI, 4, end)),
            List.of(
                destination(5, 1),
                destination(5, 2),
                destination(5, 3),
                message(3, MULTI, 5, end)));

    assertThat(client.destinations(WEB))
        .extracting(entry -> entry.destination().address())
        .containsExactly(ip("10.1.0.1"), ip("10.1.0.2"), ip("10.1.0.3"));
  }

  @Test
  void saysThatTheKernelHasNoIpvs() {
    FakeTransport transport = kernel(List.of(error(1, 2)));

    assertThatThrownBy(() -> IpvsClient.over(transport))
        .isInstanceOfSatisfying(
            IpvsUnavailableException.class,
            e -> assertThat(e.reason()).isEqualTo(IpvsUnavailableException.Reason.KERNEL))
        .hasMessageContaining("has no IPVS")
        .hasMessageContaining("modprobe ip_vs");
    assertThat(transport.closed()).isTrue();
  }

  @Test
  void saysThatPermissionIsMissing() {
    FakeTransport transport = kernel(RESOLVED, List.of(error(2, 1)));

    assertThatThrownBy(() -> IpvsClient.over(transport))
        .isInstanceOfSatisfying(
            IpvsUnavailableException.class,
            e -> assertThat(e.reason()).isEqualTo(IpvsUnavailableException.Reason.PERMISSION))
        .hasMessageContaining("CAP_NET_ADMIN")
        .hasMessageContaining("initial user namespace");
    assertThat(transport.closed()).isTrue();
  }

  @Test
  void tellsWhichChangesOfABatchFailed() throws Exception {
    IpvsClient client = opened(List.of(error(4, 17), error(5, 0)));
    IpvsChange add = new IpvsChange.AddService(IpvsService.of(WEB, "rr"));

    assertThat(client.apply(List.of(add, add, add)))
        .containsExactly(new IpvsFailure(1, add, Errno.EEXIST, ""));
    assertThat(client.changesSent()).isEqualTo(3);
  }

  @Test
  void tellsThatNothingIsKnownAfterAnOverrun() throws Exception {
    IpvsClient client = opened(List.of(new NetlinkOverrunException("receive")));

    assertThatThrownBy(() -> client.apply(List.of(new IpvsChange.RemoveService(WEB))))
        .isInstanceOf(NetlinkOverrunException.class)
        .hasMessageStartingWith("change IPVS: ENOBUFS");
  }

  @Test
  void sendsNothingThatTheKernelWouldTakeButNeverBalanceBy() throws Exception {
    IpvsClient client = opened();
    IpvsKey all = new IpvsKey.Socket(IpvsProtocol.TCP, ip("10.0.0.1"), 0);
    IpvsKey odd = new IpvsKey.Socket(IpvsProtocol.OTHER, ip("10.0.0.1"), 80);
    List<IpvsChange> nonsense =
        List.of(
            new IpvsChange.AddService(IpvsService.of(all, "rr")),
            new IpvsChange.AddService(IpvsService.of(odd, "rr")),
            new IpvsChange.AddService(IpvsService.of(WEB, "rr").withFlags(IpvsFlag.ONE_PACKET)),
            new IpvsChange.AddDestination(
                WEB, IpvsDestination.of(ip("10.1.0.1"), 81, IpvsForwarder.DIRECT_ROUTE)),
            new IpvsChange.AddDestination(
                WEB, IpvsDestination.of(ip("10.1.0.1"), 81, IpvsForwarder.TUNNEL)),
            new IpvsChange.AddDestination(
                WEB, IpvsDestination.of(ip("10.1.0.1"), 80, IpvsForwarder.OTHER)),
            new IpvsChange.AddDestination(
                WEB, IpvsDestination.of(ip("2001:db8::9"), 80, IpvsForwarder.MASQUERADE)),
            new IpvsChange.AddDestination(
                WEB,
                IpvsDestination.of(ip("10.1.0.1"), 80, IpvsForwarder.MASQUERADE)
                    .withThresholds(1, 2)));
    for (IpvsChange change : nonsense) {
      assertThatThrownBy(() -> client.apply(List.of(change)))
          .as(change.describe())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must");
    }
    assertThat(client.changesSent()).isZero();
  }
}
