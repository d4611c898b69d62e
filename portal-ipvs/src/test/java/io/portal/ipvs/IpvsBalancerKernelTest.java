package io.portal.ipvs;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.internal.Planner;
import io.portal.core.kernel.KernelTest;
import io.portal.core.model.Forwarder;
import io.portal.core.model.Netmask;
import io.portal.core.model.PersistenceEngine;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceFlag;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.model.Tunnel;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.BalancerContract;
import io.portal.core.port.ObservedService;
import io.portal.netlink.NetworkNamespace;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The balancer's contract on a real kernel, and what only the kernel's balancer has. */
@KernelTest
class IpvsBalancerKernelTest extends BalancerContract {

  private NetworkNamespace namespace;
  private IpvsBalancer ipvs;

  @Override
  protected Balancer create() throws Exception {
    namespace = NetworkNamespace.enter();
    ipvs = IpvsBalancer.open();
    return ipvs;
  }

  @AfterEach
  void leaveNamespace() throws Exception {
    namespace.close();
  }

  @Override
  protected List<Scheduler> schedulers() {
    return KernelSchedulers.available().stream().map(Scheduler::parse).toList();
  }

  private static ServiceId tcp(String host, int port) throws Exception {
    return new ServiceId(ServiceType.TCP, InetAddress.getByName(host), port);
  }

  private static ServerId server(String host, int port) throws Exception {
    return new ServerId(InetAddress.getByName(host), port);
  }

  private static ServiceSettings settings(Scheduler scheduler, int bits) {
    return new ServiceSettings(scheduler, Duration.ZERO, Netmask.full(bits));
  }

  private void apply(BalancerChange... changes) throws Exception {
    assertThat(ipvs.apply(List.of(changes))).isEmpty();
  }

  @Test
  void programsEveryKindOfServiceAndForwarder() throws Exception {
    ServiceId six = tcp("2001:db8::1", 443);
    ServiceId sctp = new ServiceId(ServiceType.SCTP, InetAddress.getByName("10.0.0.2"), 5000);
    ServiceId mark = new ServiceId(ServiceType.FWMARK, null, 7);
    ServiceId markSix = new ServiceId(ServiceType.FWMARK, InetAddress.getByName("::"), 8);
    ServiceSettings stickySix =
        new ServiceSettings(Scheduler.SH, Duration.ofMinutes(1), Netmask.prefix(64, 128));
    apply(
        new BalancerChange.AddService(six, stickySix),
        new BalancerChange.AddServer(
            six, server("2001:db8::9", 443), new ServerSettings(Forwarder.GATEWAYING, 3, 0, 0)),
        new BalancerChange.AddService(sctp, settings(Scheduler.RR, 32)),
        new BalancerChange.AddServer(
            sctp, server("10.0.0.9", 5001), new ServerSettings(Forwarder.MASQUERADING, 1, 9, 3)),
        new BalancerChange.AddService(mark, settings(Scheduler.WRR, 32)),
        new BalancerChange.AddServer(
            mark, server("2001:db8::8", 0), new ServerSettings(Forwarder.TUNNEL, 0, 0, 0)),
        new BalancerChange.AddService(markSix, settings(Scheduler.LC, 128)));

    assertThat(NetworkNamespace.run("ipvsadm", "-Sn").lines())
        .containsExactlyInAnyOrder(
            "-A -t [2001:db8::1]:443 -s sh -p 60 -M 64",
            "-a -t [2001:db8::1]:443 -r [2001:db8::9]:443 -g -w 3",
            "-A --sctp-service 10.0.0.2:5000 -s rr",
            "-a --sctp-service 10.0.0.2:5000 -r 10.0.0.9:5001 -m -w 1",
            "-A -f 7 -s wrr",
            "-a -f 7 -r [2001:db8::8]:0 -i -w 0 --tun-type ipip",
            "-A -f 8 -6 -s lc");
    Map<ServiceId, ObservedService> observed = ipvs.observe();
    assertThat(observed).containsOnlyKeys(six, sctp, mark, markSix);
    assertThat(observed.get(six).settings()).contains(stickySix);
    assertThat(observed.get(mark).servers())
        .containsOnly(
            Map.entry(
                server("2001:db8::8", 0),
                Optional.of(new ServerSettings(Forwarder.TUNNEL, 0, 0, 0))));
  }

  @Test
  void programsEveryTraitAndReadsItBack() throws Exception {
    Service dns = service("udp-10_0_0_1-53", traits(Scheduler.RR, 0, null, ServiceFlag.OPS));
    Service sh =
        service(
            "tcp-10_0_0_1-80",
            traits(Scheduler.SH, 0, null, ServiceFlag.SH_PORT, ServiceFlag.SH_FALLBACK));
    Service mh =
        service(
            "tcp-10_0_0_1-81",
            traits(Scheduler.MH, 0, null, ServiceFlag.MH_PORT, ServiceFlag.MH_FALLBACK));
    Service sip =
        service(
            "udp-10_0_0_1-5060",
            new ServiceSettings(
                Scheduler.RR, Duration.ofMinutes(1), null, Set.of(), PersistenceEngine.SIP));
    Service all =
        service(
            "tcp-10_0_0_1-0",
            traits(Scheduler.RR, 60, "255.0.255.0"),
            new Server(server("10.0.0.9", 0), ONE));
    Service tunnels =
        service(
            "tcp-10_0_0_1-82",
            traits(Scheduler.RR, 60, "0.0.0.0"),
            tunnelled("10.0.0.7", Tunnel.IPIP),
            tunnelled("10.0.0.8", new Tunnel(Tunnel.Type.GRE, 0, Tunnel.Checksum.CSUM)),
            tunnelled("10.0.0.9", new Tunnel(Tunnel.Type.GUE, 6080, Tunnel.Checksum.REMCSUM)));
    Service zero = service("tcp-0_0_0_0-83", traits(Scheduler.RR, 0, null));
    Service mapped = service("tcp-::ffff:a00:1-84", traits(Scheduler.RR, 0, null));
    Service mark = service("fwmark--4294967295", traits(Scheduler.RR, 0, null));
    List<Service> services = List.of(dns, sh, mh, sip, all, tunnels, zero, mapped, mark);
    Map<ServiceId, Service> desired = new LinkedHashMap<>();
    services.forEach(service -> desired.put(service.id(), service));
    services.forEach(ipvs::check);

    assertThat(ipvs.apply(Planner.plan(desired.keySet(), desired, Map.of()))).isEmpty();

    assertThat(NetworkNamespace.run("ipvsadm", "-Sn").lines())
        .containsExactlyInAnyOrder(
            "-A -u 10.0.0.1:53 -s rr -o",
            "-A -t 10.0.0.1:80 -s sh -b sh-fallback,sh-port",
            "-A -t 10.0.0.1:81 -s mh -b mh-fallback,mh-port",
            "-A -u 10.0.0.1:5060 -s rr -p 60 --pe sip",
            "-A -t 10.0.0.1:0 -s rr -p 60 -M 255.0.255.0",
            "-a -t 10.0.0.1:0 -r 10.0.0.9:0 -m -w 1",
            "-A -t 10.0.0.1:82 -s rr -p 60 -M 0.0.0.0",
            "-a -t 10.0.0.1:82 -r 10.0.0.7:82 -i -w 1 --tun-type ipip",
            "-a -t 10.0.0.1:82 -r 10.0.0.8:82 -i -w 1 --tun-type gre --tun-csum",
            "-a -t 10.0.0.1:82 -r 10.0.0.9:82 -i -w 1 --tun-type gue --tun-port 6080"
                + " --tun-remcsum",
            "-A -t 0.0.0.0:83 -s rr",
            "-A -t [::ffff:10.0.0.1]:84 -s rr",
            "-A -f -1 -s rr");
    assertThat(Planner.plan(desired.keySet(), desired, ipvs.observe())).isEmpty();
    assertThat(Planner.plan(desired.keySet(), desired, ipvs.observe(desired.keySet()))).isEmpty();
  }

  private static Service service(String id, ServiceSettings settings, Server... servers) {
    return new Service(ServiceId.parse(id).orElseThrow(), settings, List.of(servers));
  }

  private static ServiceSettings traits(
      Scheduler scheduler, int persistence, @Nullable String netmask, ServiceFlag... flags) {
    return new ServiceSettings(
        scheduler,
        Duration.ofSeconds(persistence),
        netmask == null ? null : Netmask.parse(netmask, 32),
        Set.of(flags),
        null);
  }

  private static Server tunnelled(String host, Tunnel tunnel) throws Exception {
    return new Server(server(host, 82), new ServerSettings(Forwarder.TUNNEL, 1, 0, 0, tunnel));
  }

  @Test
  void aChangedFlagOrTunnelIsADifference() throws Exception {
    NetworkNamespace.run("ipvsadm", "-A", "-u", "10.0.0.1:53", "-s", "rr", "-o");
    NetworkNamespace.run("ipvsadm", "-A", "-t", "10.0.0.1:80", "-s", "sh", "-b", "sh-port");
    NetworkNamespace.run("ipvsadm", "-A", "-t", "10.0.0.1:81", "-s", "rr", "-b", "flag-3");
    NetworkNamespace.run(
        "ipvsadm", "-a", "-t", "10.0.0.1:80", "-r", "10.0.0.9:80", "-i", "--tun-type", "gre");
    ServiceId dns = new ServiceId(ServiceType.UDP, InetAddress.getByName("10.0.0.1"), 53);
    ServiceId web = tcp("10.0.0.1", 80);
    ServiceId odd = tcp("10.0.0.1", 81);

    Map<ServiceId, ObservedService> observed = ipvs.observe();

    assertThat(observed).containsOnlyKeys(dns, web, odd);
    assertThat(observed.get(odd).settings()).as("a flag without a name").isEmpty();
    Map<ServiceId, Service> plain =
        Map.of(
            dns,
            new Service(dns, settings(Scheduler.RR, 32), List.of()),
            odd,
            new Service(odd, settings(Scheduler.RR, 32), List.of()),
            web,
            new Service(
                web,
                settings(Scheduler.SH, 32),
                List.of(
                    new Server(
                        server("10.0.0.9", 80), new ServerSettings(Forwarder.TUNNEL, 1, 0, 0)))));
    assertThat(ipvs.apply(Planner.plan(plain.keySet(), plain, observed))).isEmpty();
    assertThat(NetworkNamespace.run("ipvsadm", "-Sn").lines())
        .containsExactlyInAnyOrder(
            "-A -u 10.0.0.1:53 -s rr",
            "-A -t 10.0.0.1:81 -s rr",
            "-A -t 10.0.0.1:80 -s sh",
            "-a -t 10.0.0.1:80 -r 10.0.0.9:80 -i -w 1 --tun-type ipip");
  }

  @Test
  void seesWhatOthersClearedAndCountsWhatItSends() throws Exception {
    ServiceId web = tcp("10.0.0.1", 80);
    apply(
        new BalancerChange.AddService(web, settings(Scheduler.RR, 32)),
        new BalancerChange.AddServer(web, server("10.0.0.9", 80), ONE));
    assertThat(ipvs.changesSent()).isEqualTo(2);
    assertThat(ipvs.observe()).containsOnlyKeys(web);

    NetworkNamespace.run("ipvsadm", "-C");

    assertThat(ipvs.observe()).isEmpty();
    assertThat(ipvs.observe(List.of(web))).isEmpty();
    assertThat(ipvs.changesSent()).as("reading changes nothing").isEqualTo(2);
  }

  @Test
  void namesTheErrnoOfARefusal() throws Exception {
    ServiceId web = tcp("10.0.0.1", 80);
    BalancerChange again = new BalancerChange.AddService(web, settings(Scheduler.RR, 32));
    apply(again);

    assertThat(ipvs.apply(List.of(again))).containsExactly(new Balancer.Failure(again, "EEXIST"));
    BalancerChange absent = new BalancerChange.RemoveServer(web, server("10.0.0.9", 80));
    assertThat(ipvs.apply(List.of(absent))).containsExactly(new Balancer.Failure(absent, "ENOENT"));
  }

  @Test
  void saysWhatARefusalMeans() throws Exception {
    ServiceId web = tcp("10.0.0.1", 80);
    BalancerChange twos = new BalancerChange.AddService(web, settings(Scheduler.TWOS, 32));
    List<Balancer.Failure> failures = ipvs.apply(List.of(twos));
    if (KernelSchedulers.available().contains("twos")) {
      assertThat(failures).isEmpty();
    } else {
      assertThat(failures)
          .containsExactly(
              new Balancer.Failure(twos, "ENOENT (this kernel has no scheduler twos)"));
      apply(new BalancerChange.AddService(web, settings(Scheduler.RR, 32)));
    }
    BalancerChange broadcast =
        new BalancerChange.AddServer(web, server("255.255.255.255", 80), ONE);
    assertThat(ipvs.apply(List.of(broadcast)))
        .containsExactly(
            new Balancer.Failure(
                broadcast, "EINVAL (the address is none of a single host, or loopback is down)"));
    BalancerChange otherPort =
        new BalancerChange.AddServer(
            web, server("10.0.0.8", 81), new ServerSettings(Forwarder.GATEWAYING, 1, 0, 0));
    BalancerChange fine = new BalancerChange.AddServer(web, server("10.0.0.9", 81), ONE);
    assertThat(ipvs.apply(List.of(otherPort, fine, fine)))
        .containsExactly(
            new Balancer.Failure(
                otherPort, "EINVAL (port '81': must be the service's, 80, with DIRECT_ROUTE)"),
            new Balancer.Failure(fine, "EEXIST"));
  }

  @BeforeEach
  void hasNothingOfAnotherTest() throws Exception {
    assertThat(NetworkNamespace.run("ipvsadm", "-Sn")).isEmpty();
  }
}
