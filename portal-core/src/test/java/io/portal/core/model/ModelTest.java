package io.portal.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.InvalidException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTest {

  private static void refused(ThrowingCallable call, String... words) {
    assertThatThrownBy(call).isInstanceOf(InvalidException.class).hasMessageContainingAll(words);
  }

  private static Service service(String id, Server... servers) {
    return new Service(
        ServiceId.parse(id).orElseThrow(), ServiceSettings.DEFAULT, List.of(servers));
  }

  private static Server server(String id, Forwarder forwarder) {
    return new Server(ServerId.parse(id).orElseThrow(), new ServerSettings(forwarder, 1, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp-127_0_0_3-80",
        "udp-10_0_0_1-65535",
        "sctp-10_0_0_1-1",
        "tcp-2001:db8::3-80",
        "fwmark--1",
        "fwmark--4294967295",
        "fwmark-::-7"
      })
  void aServiceIdIsItsText(String text) {
    assertThat(ServiceId.parse(text)).get().hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "foo",
        "tcp",
        "tcp-",
        "tcp-1_2_3_4",
        "tcp-1_2_3_4-",
        "tcp-1_2_3_4-65536",
        "tcp-1.2.3.4-80",
        "TCP-1_2_3_4-80",
        "tcp-1_2_3_4-080",
        "tcp-1_2_3_4-+80",
        "tcp--80",
        "icmp-1_2_3_4-80",
        "tcp-2001:DB8::3-80",
        "tcp-localhost-80",
        "tcp-../../x-80",
        "tcp-224_0_0_1-80",
        "fwmark--0",
        "fwmark--4294967296",
        "fwmark-1_2_3_4-1"
      })
  void whatIsNoServiceIdIsNone(String text) {
    assertThat(ServiceId.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"192_168_0_3-8080", "2001:db8::4-53"})
  void aServerIdIsItsText(String text) {
    assertThat(ServerId.parse(text)).get().hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-", "-80", "1_2_3_4", "1_2_3_4-65536", "1_2_3_4--1", "a-80", "0_0_0_0-80"})
  void whatIsNoServerIdIsNone(String text) {
    assertThat(ServerId.parse(text)).isEmpty();
  }

  @Test
  void idsAreOrderedByNumberNotByText() {
    assertThat(ServiceId.parse("tcp-10_0_0_9-80").orElseThrow())
        .isLessThan(ServiceId.parse("tcp-10_0_0_10-80").orElseThrow())
        .isLessThan(ServiceId.parse("tcp-10_0_0_9-443").orElseThrow())
        .isLessThan(ServiceId.parse("tcp-::1-80").orElseThrow());
    assertThat(ServerId.parse("200_0_0_1-1").orElseThrow())
        .isGreaterThan(ServerId.parse("100_0_0_1-1").orElseThrow());
  }

  @Test
  void displayIsWhatPeopleWrite() {
    assertThat(ServiceId.parse("tcp-10_0_0_1-80").orElseThrow().display())
        .isEqualTo("tcp-10.0.0.1-80");
    assertThat(ServerId.parse("::1-80").orElseThrow().display()).isEqualTo("[::1]:80");
  }

  @ParameterizedTest
  @CsvSource({
    "255.255.255.255, 32, 32",
    "255.255.255.0, 32, 24",
    "128.0.0.0, 32, 1",
    "255.255.240.0, 32, 20",
    "64, 128, 64",
    "128, 128, 128"
  })
  void aNetmaskIsItsText(String text, int bits, int prefixLength) {
    Netmask mask = Netmask.parse(text, bits);
    assertThat(mask).hasToString(text).isEqualTo(Netmask.prefix(prefixLength, bits));
  }

  @ParameterizedTest
  @CsvSource({
    "24, 32",
    "'', 32",
    "255.255.255, 32",
    "256.0.0.0, 32",
    "0, 128",
    "129, 128",
    "ffff::, 128",
    "255.255.255.0, 128",
    "-1, 128"
  })
  void whatIsNoNetmaskIsRefused(String text, int bits) {
    refused(() -> Netmask.parse(text, bits), "netmask", text);
  }

  @ParameterizedTest
  @EnumSource(Scheduler.class)
  void schedulersHaveTheKernelsNames(Scheduler scheduler) {
    assertThat(Scheduler.parse(scheduler.text())).isEqualTo(scheduler);
  }

  @Test
  void emptyNamesAreDefaults() {
    assertThat(Scheduler.parse("")).isEqualTo(Scheduler.WLC);
    assertThat(ServiceType.parse("")).isEqualTo(ServiceType.TCP);
    assertThat(Forwarder.parse("")).isEqualTo(Forwarder.GATEWAYING);
  }

  @Test
  void unknownNamesAreRefusedWithWhatIsAllowed() {
    refused(() -> Scheduler.parse("best"), "scheduler", "best", "wlc", "mh");
    refused(() -> Forwarder.parse("x"), "forwarder", "x", "masquerading");
    assertThatThrownBy(() -> ServiceType.parse("foo"))
        .hasMessageStartingWith("Unsupported Protocol - 'foo'");
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    refused(() -> new ServerSettings(Forwarder.DEFAULT, 65536, 0, 0), "weight", "65536", "65535");
    refused(() -> new ServerSettings(Forwarder.DEFAULT, -1, 0, 0), "weight", "-1");
    refused(() -> new ServerSettings(Forwarder.DEFAULT, 1, 5, 6), "lower_threshold", "6", "5");
    refused(() -> new ServerSettings(Forwarder.DEFAULT, 1, -5, 0), "upper_threshold", "-5");
    refused(
        () -> new ServiceSettings(Scheduler.RR, Duration.ofSeconds(-1), null), "persistence", "-1");
    refused(
        () -> new ServiceSettings(Scheduler.RR, Duration.ofDays(32), null),
        "persistence",
        "2764800");
  }

  @Test
  void aServersPortMustFitItsForwarder() {
    refused(
        () -> service("tcp-10_0_0_1-80", server("10_0_0_2-8080", Forwarder.GATEWAYING)),
        "Invalid Server Port for Forwarder",
        "8080",
        "80");
    refused(
        () -> service("tcp-10_0_0_1-80", server("10_0_0_2-8080", Forwarder.TUNNEL)),
        "Invalid Server Port for Forwarder");
    refused(
        () -> service("tcp-10_0_0_1-80", server("10_0_0_2-0", Forwarder.GATEWAYING)),
        "Invalid Server Port for Forwarder");
    assertThat(service("tcp-10_0_0_1-80", server("10_0_0_2-0", Forwarder.MASQUERADING)).servers())
        .hasSize(1);
    assertThat(
            service(
                    "tcp-10_0_0_1-80",
                    server("10_0_0_2-8080", Forwarder.MASQUERADING),
                    server("10_0_0_2-80", Forwarder.GATEWAYING))
                .servers())
        .hasSize(2);
    assertThat(service("fwmark--1", server("10_0_0_2-0", Forwarder.GATEWAYING)).servers())
        .hasSize(1);
  }

  @Test
  void anotherFamilyNeedsATunnel() {
    refused(
        () -> service("tcp-10_0_0_1-80", server("2001:db8::1-80", Forwarder.GATEWAYING)),
        "host",
        "tunnel");
    assertThat(service("tcp-10_0_0_1-80", server("2001:db8::1-80", Forwarder.TUNNEL)).servers())
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"255.0.255.0", "0.0.0.255"})
  void aNetmaskMayHaveHoles(String text) {
    assertThat(Netmask.parse(text, 32)).hasToString(text);
    assertThat(Netmask.parse(text, 32).prefixLength()).isEmpty();
  }

  @Test
  void allPortsNeedPersistence() {
    ServiceId all = ServiceId.parse("tcp-10_0_0_1-0").orElseThrow();
    refused(() -> new Service(all, ServiceSettings.DEFAULT, List.of()), "port", "0", "persistence");
    ServiceSettings sticky = new ServiceSettings(Scheduler.RR, Duration.ofSeconds(60), null);
    Server own = server("10_0_0_2-0", Forwarder.GATEWAYING);
    assertThat(new Service(all, sticky, List.of(own)).servers()).containsExactly(own);
    refused(
        () -> new Service(all, sticky, List.of(server("10_0_0_2-80", Forwarder.GATEWAYING))),
        "Invalid Server Port for Forwarder");
  }

  private static ServiceSettings flagged(Scheduler scheduler, ServiceFlag... flags) {
    return new ServiceSettings(scheduler, Duration.ZERO, null, Set.of(flags), null);
  }

  @Test
  void flagsFitSchedulerAndType() {
    refused(() -> ServiceFlag.parse("mh"), "flags", "mh", "ops", "mh-fallback");
    refused(() -> flagged(Scheduler.SH, ServiceFlag.MH_PORT), "flags", "mh-port", "sh");
    ServiceSettings ops = flagged(Scheduler.MH, ServiceFlag.OPS, ServiceFlag.MH_FALLBACK);
    assertThat(ops.flags()).containsExactly(ServiceFlag.OPS, ServiceFlag.MH_FALLBACK);
    ServiceId udp = ServiceId.parse("udp-10_0_0_1-53").orElseThrow();
    assertThat(new Service(udp, ops, List.of()).settings()).isEqualTo(ops);
    refused(
        () -> new Service(ServiceId.parse("tcp-10_0_0_1-80").orElseThrow(), ops, List.of()),
        "flags",
        "ops",
        "udp");
  }

  @Test
  void aPersistenceEngineNeedsPersistenceAndDatagrams() {
    refused(() -> PersistenceEngine.parse("x"), "pe", "x", "sip");
    refused(
        () ->
            new ServiceSettings(Scheduler.RR, Duration.ZERO, null, Set.of(), PersistenceEngine.SIP),
        "pe",
        "sip",
        "persistence");
    ServiceSettings sip =
        new ServiceSettings(
            Scheduler.RR, Duration.ofSeconds(9), null, Set.of(), PersistenceEngine.SIP);
    refused(
        () -> new Service(ServiceId.parse("tcp-10_0_0_1-80").orElseThrow(), sip, List.of()),
        "pe",
        "tcp");
  }

  @Test
  void aTunnelIsForForwarderI() {
    Tunnel gue = new Tunnel(Tunnel.Type.GUE, 6080, Tunnel.Checksum.REMCSUM);
    assertThat(new ServerSettings(Forwarder.TUNNEL, 1, 0, 0, gue).withWeight(2).tunnel())
        .isEqualTo(gue);
    refused(
        () -> new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0, gue), "tunnel", "gue", "m", "i");
    refused(() -> new Tunnel(Tunnel.Type.GUE, 0, Tunnel.Checksum.NOCSUM), "port", "65535");
    refused(() -> new Tunnel(Tunnel.Type.GRE, 1, Tunnel.Checksum.NOCSUM), "port", "gre");
    refused(() -> new Tunnel(Tunnel.Type.GRE, 0, Tunnel.Checksum.REMCSUM), "checksum", "csum");
    refused(() -> new Tunnel(Tunnel.Type.IPIP, 0, Tunnel.Checksum.CSUM), "checksum", "nocsum");
  }

  @Test
  void anIpv4MappedAddressStaysOfIpv6() {
    InetAddress mapped = Addresses.parse("host", "::ffff:10.0.0.1");
    assertThat(Addresses.bits(mapped)).isEqualTo(128);
    assertThat(ServiceId.parse("tcp-::ffff:a00:1-80")).get().hasToString("tcp-::ffff:a00:1-80");
    assertThat(Addresses.of(mapped.getAddress())).isEqualTo(mapped);
  }

  @Test
  void aNetmaskMustBeOfTheServicesFamily() {
    ServiceSettings settings =
        new ServiceSettings(Scheduler.RR, Duration.ofSeconds(1), Netmask.prefix(64, 128));
    refused(
        () -> new Service(ServiceId.parse("tcp-10_0_0_1-80").orElseThrow(), settings, List.of()),
        "netmask",
        "64",
        "dotted");
  }

  @Test
  void ofRepeatedServersTheLastCountsInThePlaceOfTheFirst() {
    Server first = server("10_0_0_2-80", Forwarder.GATEWAYING);
    Server other = server("10_0_0_3-80", Forwarder.GATEWAYING);
    Server again = server("10_0_0_2-80", Forwarder.MASQUERADING);
    assertThat(service("tcp-10_0_0_1-80", first, other, again).servers())
        .containsExactly(again, other);
  }

  @Test
  void drainingMeansWeightZeroForTheBalancer() {
    Server server = server("10_0_0_2-80", Forwarder.GATEWAYING);
    Server leaving = server.withDrainUntil(Instant.EPOCH);
    Service service = service("tcp-10_0_0_1-80", server);
    assertThat(service.effectiveSettings(server).weight()).isEqualTo(1);
    assertThat(service.effectiveSettings(leaving).weight()).isZero();
    assertThat(service.withDrainUntil(Instant.EPOCH).effectiveSettings(server).weight()).isZero();
  }

  @Test
  void theKernelLabelsIpv4AddressesOnly() {
    VipId four = new VipId(InterfaceAddress.parse("10.0.0.1"), "eth0");
    assertThat(new Vip(four, "").label()).isEqualTo("eth0");
    assertThat(new Vip(four, "").sameOnHost(new Vip(four, "eth0"))).isTrue();
    assertThat(new Vip(four, "eth0:1").sameOnHost(new Vip(four, "eth0:2"))).isFalse();
    VipId six = new VipId(InterfaceAddress.parse("2001:db8::1"), "eth0");
    assertThat(new Vip(six, "eth0:1").sameOnHost(new Vip(six, ""))).isTrue();
    assertThat(new Vip(six, "").sameOnHost(new Vip(four, ""))).isFalse();
  }

  @Test
  void vipsAreChecked() {
    assertThat(InterfaceAddress.parse("10.0.0.1")).hasToString("10.0.0.1/32");
    assertThat(InterfaceAddress.parse("2001:db8::1/64")).hasToString("2001:db8::1/64");
    refused(() -> InterfaceAddress.parse("10.0.0.1/33"), "ip", "10.0.0.1/33", "32");
    refused(() -> InterfaceAddress.parse("10.0.0.1/x"), "ip", "10.0.0.1/x");
    refused(() -> InterfaceAddress.parse("host/24"), "ip", "host");
    refused(() -> InterfaceAddress.parse("224.0.0.1"), "ip", "unicast");
    VipId id = new VipId(InterfaceAddress.parse("10.0.0.1"), "eth0");
    assertThat(new Vip(id, "web").label()).isEqualTo("web");
    refused(() -> new Vip(id, "a b"), "alias", "a b", "eth0:1");
    refused(() -> new Vip(id, "../x"), "alias", "../x");
    refused(() -> new Vip(id, "eth0:123456789012"), "alias", "15");
    refused(() -> new Vip(new VipId(id.ip(), ""), ""), "interface");
  }

  @Test
  void aCertNeverPrintsItsKey() {
    assertThat(new Cert("CERT", "SECRET").toString()).doesNotContain("SECRET");
  }

  @Test
  void addressesKnowTheirNetworks() {
    var net = Addresses.parse("x", "10.1.0.0");
    assertThat(Addresses.contains(net, 16, Addresses.parse("x", "10.1.2.3"))).isTrue();
    assertThat(Addresses.contains(net, 16, Addresses.parse("x", "10.2.2.3"))).isFalse();
    assertThat(Addresses.contains(net, 16, Addresses.parse("x", "::1"))).isFalse();
    refused(() -> Addresses.parse("host", "localhost"), "host", "localhost");
    refused(() -> Addresses.parse("host", "fe80::1%eth0"), "host");
  }
}
