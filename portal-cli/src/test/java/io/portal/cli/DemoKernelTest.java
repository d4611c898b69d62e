package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.kernel.KernelTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The demo where the kernel has IPVS. */
@KernelTest
class DemoKernelTest {

  @Test
  void usesIpvsInANamespaceOfItsOwn() throws Exception {
    List<String> command = new ArrayList<>(Launcher.command("demo", "-n", "40"));
    command.add(1, "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"));
    Process demo = new ProcessBuilder(command).redirectErrorStream(true).start();
    demo.getOutputStream().close();
    String out = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(out)
        .startsWith("Balancer: IPVS, in the kernel, in a network namespace of its own.")
        .contains("40 requests to http://127.0.0.10:8080/", ", 0 failed", "127.0.0.13:8080")
        .endsWith("no files are left.\n");
    assertThat(demo.exitValue()).isZero();
    assertThat(Host.run(Host.local(System.getenv()).program("ipvsadm").orElseThrow(), "-Sn"))
        .contains("");
  }
}
