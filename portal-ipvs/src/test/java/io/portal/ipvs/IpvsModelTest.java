package io.portal.ipvs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values that the kernel would take or cut without a word are refused by name. */
class IpvsModelTest {

  private static final IpvsKey MARK = new IpvsKey.Mark(IpvsFamily.IPV4, 1);
  private static final IpvsNetmask FULL = IpvsNetmask.full(IpvsFamily.IPV4);

  private static void refused(String message, Runnable call) {
    assertThatIllegalArgumentException().isThrownBy(call::run).withMessage(message);
  }

  @Test
  void keys() throws Exception {
    InetAddress address = InetAddress.getByName("10.0.0.1");
    refused(
        "port '65536': must be 0 to 65535",
        () -> new IpvsKey.Socket(IpvsProtocol.TCP, address, 65536));
    refused("mark '0': must be 1 to 4294967295", () -> new IpvsKey.Mark(IpvsFamily.IPV4, 0));
    assertThat(new IpvsKey.Socket(IpvsProtocol.UDP, InetAddress.getByName("2001:db8::1"), 53))
        .hasToString("udp [2001:db8::1]:53");
    assertThat(new IpvsKey.Mark(IpvsFamily.IPV6, 7)).hasToString("fwmark 7 over IPv6");
  }

  @Test
  void services() {
    refused(
        "scheduler 'sixteen-letters-': must be a name of 1 to 15 characters",
        () -> IpvsService.of(MARK, "sixteen-letters-"));
    refused("scheduler '': must be a name of 1 to 15 characters", () -> IpvsService.of(MARK, ""));
    refused(
        "persistence engine 'a b': must be a name of 1 to 15 characters",
        () -> IpvsService.of(MARK, "rr").withPersistenceEngine("a b"));
    refused(
        "persistence 'PT0.5S': must be whole seconds, 1 to 4294967295",
        () -> IpvsService.of(MARK, "rr").withPersistence(Duration.ofMillis(500), FULL));
    refused(
        "netmask of IPV6: must be of the service's family, IPV4",
        () ->
            IpvsService.of(MARK, "rr")
                .withPersistence(Duration.ofSeconds(1), IpvsNetmask.full(IpvsFamily.IPV6)));
  }

  @Test
  void destinations() throws Exception {
    IpvsDestination destination =
        IpvsDestination.of(InetAddress.getByName("10.1.0.1"), 80, IpvsForwarder.MASQUERADE);
    refused("weight '-1': must be 0 to 2147483647", () -> destination.withWeight(-1));
    refused(
        "upper threshold '4294967296': must be 0 to 4294967295",
        () -> destination.withThresholds(1L << 32, 0));
    refused(
        "lower threshold '-1': must be 0 to 4294967295", () -> destination.withThresholds(1, -1));
    refused(
        "tunnel port '0': must be 1 to 65535 with gue, 0 with other types",
        () -> IpvsTunnel.gue(0, IpvsTunnel.Checksum.NONE));
    refused(
        "tunnel checksum 'FULL': must be NONE with ipip",
        () -> new IpvsTunnel(IpvsTunnel.Type.IPIP, 0, IpvsTunnel.Checksum.FULL));
  }

  @Test
  void netmasks() {
    assertThat(IpvsNetmask.prefix(IpvsFamily.IPV4, 24).value()).isEqualTo(0xffffff00);
    assertThat(IpvsNetmask.prefix(IpvsFamily.IPV4, 32).prefixLength()).hasValue(32);
    assertThat(IpvsNetmask.prefix(IpvsFamily.IPV4, 1).prefixLength()).hasValue(1);
    assertThat(IpvsNetmask.prefix(IpvsFamily.IPV6, 128).prefixLength()).hasValue(128);
    assertThat(new IpvsNetmask(IpvsFamily.IPV4, 0xff00ff00).prefixLength()).isEmpty();
    assertThat(new IpvsNetmask(IpvsFamily.IPV4, 0).prefixLength()).hasValue(0);
    refused("netmask '33': must be 1 to 32 bits", () -> IpvsNetmask.prefix(IpvsFamily.IPV4, 33));
    refused("netmask '0': must be 1 to 128 bits", () -> IpvsNetmask.prefix(IpvsFamily.IPV6, 0));
  }

  @Test
  void timeoutsAndDaemons() {
    refused(
        "udp timeout 'PT-1S': must be whole seconds, 0 to 21474836",
        () -> new IpvsTimeouts(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(-1)));
    refused(
        "sync id '256': must be 0 to 255",
        () -> IpvsDaemon.of(IpvsDaemon.Role.MASTER, "eth0", 256));
    refused(
        "interface 'an-interface-too-long': must be a name of 1 to 15 characters",
        () -> IpvsDaemon.of(IpvsDaemon.Role.MASTER, "an-interface-too-long", 1));
    refused(
        "group '10.0.0.1': must be a multicast address",
        () ->
            new IpvsDaemon(
                IpvsDaemon.Role.MASTER, "eth0", 1, 0, InetAddresses.forString("10.0.0.1"), 0, 0));
  }

  @ParameterizedTest
  @EnumSource(IpvsForwarder.class)
  void forwardersHaveTheirWireValue(IpvsForwarder forwarder) {
    assertThat(IpvsForwarder.ofWire(forwarder.wire())).isEqualTo(forwarder);
    assertThat(IpvsForwarder.ofWire(forwarder.wire() | 0x100))
        .as("other bits are the kernel's own")
        .isEqualTo(forwarder);
  }

  @Test
  void flagsHaveTheirWireValues() {
    assertThat(IpvsFlag.toWire(Set.of(IpvsFlag.values()))).isEqualTo(0x3c);
    assertThat(IpvsFlag.ofWire(0x3c)).containsExactlyInAnyOrder(IpvsFlag.values());
    assertThat(IpvsFlag.ofWire(0x1 | 0x2 | 0x8000)).as("persistent, hashed, unknown").isEmpty();
  }
}
