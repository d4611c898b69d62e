package io.portal.netlink.route;

import static io.portal.netlink.FakeTransport.error;
import static io.portal.netlink.FakeTransport.hex;
import static io.portal.netlink.FakeTransport.join;
import static io.portal.netlink.FakeTransport.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.netlink.Errno;
import io.portal.netlink.FakeTransport;
import io.portal.netlink.Netlink;
import io.portal.netlink.NetlinkConnection;
import io.portal.netlink.NetlinkDumpInterruptedException;
import io.portal.netlink.NetlinkException;
import io.portal.netlink.NetlinkFailure;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages of rtnetlink, written down and as a kernel 6.1 sent them. */
class RouteClientTest {

  private static final byte[] DONE = hex("00000000");

  private static RouteClient client(FakeTransport transport) {
    return new RouteClient(new NetlinkConnection(transport, Duration.ofSeconds(1)));
  }

  private static byte[] dump(int type, String... bodies) {
    byte[][] messages =
        Arrays.stream(bodies)
            .map(body -> message(type, Netlink.FLAG_MULTI, 1, hex(body)))
            .toArray(byte[][]::new);
    return join(join(messages), message(Netlink.DONE, Netlink.FLAG_MULTI, 1, DONE));
  }

  private static InetAddress ip(String literal) throws Exception {
    return InetAddress.getByName(literal);
  }

  @Test
  void addressesAreReadAsTheKernelSendsThem() throws Exception {
    FakeTransport kernel =
        FakeTransport.answering(
            dump(
                RouteConstants.RTM_NEWADDR,
                // 10.0.0.1/24 on a dummy interface, label d0:1
                "0218800002000000 08000100 0a000001 08000200 0a000001 09000300 64303a31 00000000"
                    + "0800080080000000 14000600 ffffffff ffffffff cb000000 cb000000",
                // fd00::1/64 without duplicate address detection
                "0a40820002000000 14000100 fd000000000000000000000000000001"
                    + "14000600 ffffffff ffffffff cd000000 cd000000 0800080082000000",
                // 10.1.0.1 with the peer 10.1.0.2/32
                "0220800003000000 08000100 0a010002 08000200 0a010001 0900030070707030 00000000",
                // a family that is not IP
                "1c00000001000000 0500010007000000"));

    assertThat(client(kernel).addresses())
        .containsExactly(
            new LinkAddress(2, ip("10.0.0.1"), 24, "d0:1", 0x80),
            new LinkAddress(2, ip("fd00::1"), 64, "", 0x82),
            new LinkAddress(3, ip("10.1.0.1"), 32, "ppp0", 0x80));
    // struct nlmsghdr with REQUEST | DUMP, struct ifaddrmsg of AF_UNSPEC
    assertThat(kernel.sent())
        .containsExactly(hex("18000000 1600 0103 01000000 00000000 00000000 00000000"));
  }

  @Test
  void interfacesAreReadAsTheKernelSendsThem() throws Exception {
    FakeTransport kernel =
        FakeTransport.answering(
            dump(
                RouteConstants.RTM_NEWLINK,
                // the start of a dummy interface's message, then its address
                "0000010002000000c300010000000000 0700030064300000 08000d00e8030000"
                    + "0500100000000000 0a00010002000000000100000a000200ffffffffffff0000",
                // loopback
                "0000040301000000490001000000000007000300 6c6f0000 0a00010000000000 00000000",
                // a tunnel, whose address is an IPv4 address
                "0000000304000000c100010000000000 0a00030074756e6c30000000 080001000a000001"));

    List<Link> links = client(kernel).links();

    assertThat(links)
        .containsExactly(
            new Link(2, "d0", 0x100c3, 1, MacAddress.of(hex("020000000001"))),
            new Link(1, "lo", 0x10049, 772, MacAddress.NONE),
            new Link(4, "tunl0", 0x100c1, 768, null));
    assertThat(links).extracting(Link::isEthernet).containsExactly(true, false, false);
    assertThat(links).extracting(Link::isRunning).containsExactly(true, true, true);
    assertThat(new Link(2, "d0", 0x1, 1, null).isRunning()).isFalse();
    assertThat(kernel.sent())
        .containsExactly(
            hex(
                "28000000 1200 0103 01000000 00000000"
                    + "00000000 00000000 00000000 00000000 08001d00 08000000"));
  }

  @Test
  void changesGoInOneDatagramRemovalsFirst() throws Exception {
    FakeTransport kernel = FakeTransport.answering(join(error(2, 17), error(3, 0)));

    List<NetlinkFailure> refused =
        client(kernel)
            .change(
                List.of(new LinkAddress(2, ip("10.0.0.9"), 24, "eth0:1")),
                List.of(
                    new LinkAddress(2, ip("10.0.0.10"), 32, "eth0"),
                    new LinkAddress(2, ip("fd00::9"), 64, "eth0").withoutDuplicateDetection()));

    assertThat(refused).containsExactly(new NetlinkFailure(1, Errno.EEXIST, ""));
    assertThat(HexFormat.of().formatHex(kernel.sent().get(0)))
        .isEqualTo(
            String.join(
                    "",
                    // RTM_DELADDR, REQUEST
                    "34000000 1500 0100 01000000 00000000 02180000 02000000",
                    "08000200 0a000009 08000100 0a000009 0b000300 657468303a310000",
                    // RTM_NEWADDR, REQUEST | EXCL | CREATE
                    "34000000 1400 0106 02000000 00000000 02200000 02000000",
                    "08000200 0a00000a 08000100 0a00000a 09000300 65746830 00000000",
                    // and ACK; an IPv6 address has no label; IFA_F_NODAD
                    "48000000 1400 0506 03000000 00000000 0a400000 02000000",
                    "14000200 fd000000000000000000000000000009",
                    "14000100 fd000000000000000000000000000009",
                    "08000800 02000000")
                .replace(" ", ""));
  }

  @Test
  void secondariesArePromotedByASettingOfTheInterface() throws Exception {
    FakeTransport kernel = FakeTransport.answering(error(1, 0));
    client(kernel).promoteSecondaries(7);
    assertThat(kernel.sent())
        .containsExactly(
            hex(
                "34000000 1300 0500 01000000 00000000 00000000 07000000 00000000 00000000"
                    + "14001a80 10000280 0c000180 08001400 01000000"));
  }

  @Test
  void anInterruptedDumpIsTriedAgainAndGivenUpAtLast() throws Exception {
    int[] asked = {0};
    FakeTransport once =
        new FakeTransport(
            1 << 16,
            request ->
                List.of(
                    join(
                        message(
                            RouteConstants.RTM_NEWADDR,
                            asked[0]++ == 0
                                ? Netlink.FLAG_MULTI | Netlink.FLAG_DUMP_INTERRUPTED
                                : Netlink.FLAG_MULTI,
                            asked[0],
                            hex("0218800002000000 08000200 0a000001")),
                        message(Netlink.DONE, Netlink.FLAG_MULTI, asked[0], DONE))));
    assertThat(client(once).addresses())
        .containsExactly(new LinkAddress(2, ip("10.0.0.1"), 24, "", 0x80));
    assertThat(asked[0]).isEqualTo(2);

    int[] sequence = {0};
    FakeTransport always =
        new FakeTransport(
            1 << 16,
            request ->
                List.of(
                    message(
                        Netlink.DONE,
                        Netlink.FLAG_MULTI | Netlink.FLAG_DUMP_INTERRUPTED,
                        ++sequence[0],
                        DONE)));
    assertThatThrownBy(() -> client(always).addresses())
        .isInstanceOf(NetlinkDumpInterruptedException.class);
  }

  @Test
  void damagedAnswersAreReported() {
    FakeTransport cut =
        FakeTransport.answering(
            dump(RouteConstants.RTM_NEWADDR, "0218800002000000 06000200 0a00 0000"));
    assertThatThrownBy(() -> client(cut).addresses())
        .isInstanceOf(NetlinkException.class)
        .hasMessage("read address: attribute 2 of 2 bytes where 4 are due");
    FakeTransport without =
        FakeTransport.answering(dump(RouteConstants.RTM_NEWADDR, "0218800002000000"));
    assertThatThrownBy(() -> client(without).addresses())
        .hasMessage("read address: it has neither IFA_LOCAL nor IFA_ADDRESS");
  }
}
