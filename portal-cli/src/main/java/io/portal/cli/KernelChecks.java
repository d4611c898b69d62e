package io.portal.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the doctor asks of the machine: Java, kernel, capabilities, settings. */
final class KernelChecks {

  private final Host host;
  private final boolean lvs;

  KernelChecks(Host host, Settings.Lookup keys) {
    this.host = host;
    this.lvs = keys.get("balancer").equals("lvs") && !keys.get("just-proxy").equals("true");
  }

  List<Check> all() {
    List<Check> checks = new ArrayList<>();
    checks.add(
        Check.ok(
            "Java",
            System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")"));
    checks.add(
        host.linux()
            ? Check.ok("system", "Linux " + host.release())
            : Check.lacking(
                lvs,
                "system",
                host.system() + ": IPVS and vips are Linux's",
                "portal --balancer userspace"));
    if (host.linux()) {
      checks.add(ipvs());
      checks.add(capability());
      checks.add(
          host.loopbackUp()
              ? Check.ok("loopback", "up")
              : Check.lacking(lvs, "loopback", "down; IPVS refuses servers", "ip link set lo up"));
      checks.add(forwarding("net.ipv4.ip_forward", "IPv4 forwarding"));
      checks.add(forwarding("net.ipv6.conf.all.forwarding", "IPv6 forwarding"));
      checks.add(conntrack());
      checks.addAll(decisions());
    }
    return checks;
  }

  private Check ipvs() {
    return switch (host.ipvs()) {
      case LOADED -> Check.ok("IPVS", "in the kernel");
      case LOADABLE -> Check.ok("IPVS", "a module, loaded when portal starts");
      case ABSENT ->
          Check.lacking(
              lvs,
              "IPVS",
              "not in this kernel, nor among the modules of " + host.release(),
              "modprobe ip_vs (in a container: on its host), or portal --balancer userspace");
    };
  }

  private Check capability() {
    if (!host.netAdmin()) {
      return Check.lacking(
          lvs,
          "CAP_NET_ADMIN",
          "not held; IPVS and vips need it",
          "sudo portal ..., or AmbientCapabilities=CAP_NET_ADMIN in the systemd unit");
    }
    return host.initialUserNamespace()
        ? Check.ok("CAP_NET_ADMIN", "held")
        : Check.lacking(
            lvs,
            "CAP_NET_ADMIN",
            "held in a user namespace only, where IPVS does not count it",
            "run the container with root of the host, or portal --balancer userspace");
  }

  private Check forwarding(String sysctl, String name) {
    Optional<String> value = host.sysctl(sysctl);
    return value.filter(text -> !text.equals("0")).isPresent()
        ? Check.ok(name, "on")
        : Check.note(
            name,
            value.isPresent()
                ? "off; masquerading (-f m) to other hosts needs it"
                : "not in this kernel",
            value.isPresent() ? "sysctl -w " + sysctl + "=1" : "");
  }

  private Check conntrack() {
    return host.sysctl("net.ipv4.vs.conntrack")
        .map(
            value ->
                value.equals("1")
                    ? Check.ok("IPVS conntrack", "on")
                    : Check.note(
                        "IPVS conntrack",
                        "off; needed where netfilter rules look at balanced connections",
                        "sysctl -w net.ipv4.vs.conntrack=1"))
        .orElseGet(() -> Check.note("IPVS conntrack", "not known before IPVS is loaded", ""));
  }

  /** Settings of IPVS that decide what becomes of connections; none of them is wrong everywhere. */
  private List<Check> decisions() {
    return List.of(
        decision(
            "sloppy_tcp",
            "1 lets a director take over the middle of a connection, 0 resets it (failover without"
                + " connection sync)"),
        decision(
            "expire_nodest_conn",
            "1 ends the connections of a removed server at their next packet; 0 drops the packets,"
                + " and lets the order of an mh, sh or dh service be put right without ending any"),
        decision(
            "expire_quiescent_template",
            "1 gives a persistent client another server when its own has weight 0; with 0 it"
                + " stays"),
        decision(
            "conn_reuse_mode",
            "1 schedules a client's reused port anew, which drains servers; with 0 it keeps its"
                + " server"));
  }

  private Check decision(String name, String decides) {
    return host.sysctl("net.ipv4.vs." + name)
        .map(value -> Check.ok("IPVS " + name, value + "; " + decides))
        .orElseGet(() -> Check.note("IPVS " + name, "not known before IPVS is loaded", ""));
  }
}
