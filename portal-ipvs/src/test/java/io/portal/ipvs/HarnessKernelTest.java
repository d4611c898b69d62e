package io.portal.ipvs;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.kernel.KernelTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@KernelTest
class HarnessKernelTest {

  @Test
  void theKernelHasIpvsAndNothingInIt() throws Exception {
    assertThat(Files.readString(Path.of("/proc/modules"))).contains("ip_vs ");
    Process ipvsadm = new ProcessBuilder("ipvsadm", "-Sn").redirectErrorStream(true).start();
    String printed = new String(ipvsadm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(ipvsadm.waitFor()).isZero();
    assertThat(printed).isEmpty();
  }
}
