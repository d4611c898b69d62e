package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines as they may be, made of files. */
class HostTest {

  @TempDir private Path root;

  private Host host() {
    return new Host(root, "Linux", "6.1.0", Map.of("PATH", "/opt/bin"));
  }

  private void file(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void capable() throws IOException {
    file("proc/self/status", "Name:\tjava\nCapEff:\t0000000000001000\n");
    file("proc/self/uid_map", "         0          0 4294967295\n");
  }

  @Test
  void ipvsLoadedLoadableBuiltInAndAbsent() throws IOException {
    assertThat(host().ipvs()).isEqualTo(Host.Ipvs.ABSENT);

    file("lib/modules/6.1.0/modules.dep", "kernel/net/netfilter/ipvs/ip_vs.ko.xz: kernel/x.ko\n");
    assertThat(host().ipvs()).isEqualTo(Host.Ipvs.LOADABLE);

    file("lib/modules/6.1.0/modules.dep", "kernel/net/netfilter/ipvs/ip_vs_rr.ko: kernel/x.ko\n");
    assertThat(host().ipvs()).isEqualTo(Host.Ipvs.ABSENT);

    file("lib/modules/6.1.0/modules.builtin", "kernel/net/netfilter/ipvs/ip_vs.ko\n");
    assertThat(host().ipvs()).isEqualTo(Host.Ipvs.LOADABLE);

    file("proc/net/ip_vs", "IP Virtual Server version 1.2.1\n");
    assertThat(host().ipvs()).isEqualTo(Host.Ipvs.LOADED);
  }

  @Test
  void whyThereIsNoIpvs() throws IOException {
    assertThat(new Host(root, "Mac OS X", "14", Map.of()).whyNoIpvs())
        .contains("IPVS is part of Linux, and this is Mac OS X");
    assertThat(host().whyNoIpvs()).contains("this kernel (6.1.0) has no IPVS");

    file("proc/net/ip_vs", "");
    file("proc/self/status", "CapEff:\t0000000000000fff\n");
    assertThat(host().whyNoIpvs()).contains("IPVS needs root (CAP_NET_ADMIN)");

    capable();
    assertThat(host().whyNoIpvs()).isEmpty();

    file("proc/self/uid_map", "0 1000 1\n");
    assertThat(host().whyNoIpvs())
        .contains("IPVS needs root of the host, and this is a user namespace");
  }

  @Test
  void settingsAndPrograms() throws IOException {
    file("proc/sys/net/ipv4/ip_forward", "1\n");
    file("opt/bin/nginx", "");
    assertThat(host().sysctl("net.ipv4.ip_forward")).contains("1");
    assertThat(host().sysctl("net.ipv4.vs.conntrack")).isEmpty();
    assertThat(host().program("nginx")).isEmpty();
    assertThat(root.resolve("opt/bin/nginx").toFile().setExecutable(true)).isTrue();
    assertThat(host().program("nginx")).contains(root.resolve("opt/bin/nginx"));
  }
}
