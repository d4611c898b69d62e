package io.portal.ipvs;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.kernel.KernelTest;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.port.BalancerChange;
import io.portal.netlink.NetworkNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * The module is taken out of the kernel and loaded again under an open balancer. The first class of
 * all: a kernel lets the module go only while no network namespace has a service, and namespaces
 * that tests have left are cleaned up some time later.
 */
@KernelTest
@Order(1)
class ModuleReloadKernelTest {

  @Test
  void theBalancerGoesOn() throws Exception {
    try (NetworkNamespace namespace = NetworkNamespace.enter();
        IpvsBalancer ipvs = IpvsBalancer.open()) {
      ServiceId web = ServiceId.parse("tcp-10_0_0_1-80").orElseThrow();
      BalancerChange add =
          new BalancerChange.AddService(
              web, new ServiceSettings(Scheduler.RR, Duration.ZERO, null));
      assertThat(ipvs.apply(List.of(add))).isEmpty();
      NetworkNamespace.run("ipvsadm", "-C");
      unloadIpvs();
      NetworkNamespace.run("modprobe", "ip_vs");

      assertThat(ipvs.observe()).isEmpty();
      assertThat(ipvs.apply(List.of(add))).isEmpty();
      assertThat(ipvs.observe()).containsOnlyKeys(web);
    }
  }

  /** Takes IPVS and its schedulers out of the kernel, when nobody uses them any more. */
  private static void unloadIpvs() throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (Files.exists(Path.of("/sys/module/ip_vs"))) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("in use: " + NetworkNamespace.run("lsmod"));
      }
      for (String module : Files.readString(Path.of("/proc/modules")).split("\n")) {
        if (module.startsWith("ip_vs")) {
          new ProcessBuilder("rmmod", module.split(" ", 2)[0]).start().waitFor();
        }
      }
    }
  }
}
