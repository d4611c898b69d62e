package io.portal.ipvs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IpvsSysctlsTest {

  @TempDir private Path directory;

  private Path template() {
    return directory.resolve("expire_quiescent_template");
  }

  @Test
  void setsAndPutsBack() throws Exception {
    Files.writeString(template(), "0\n");
    try (IpvsSysctls sysctls = IpvsSysctls.set(directory, true)) {
      assertThat(template()).hasContent("1");
    }
    assertThat(template()).hasContent("0");
  }

  @Test
  void leavesItAtAnOrdinaryStop() throws Exception {
    Files.writeString(template(), "0\n");
    IpvsSysctls.set(directory, false).close();
    assertThat(template()).hasContent("1");
  }

  @Test
  void whatIsSetAlreadyIsNotPutBack() throws Exception {
    Files.writeString(template(), "1\n");
    IpvsSysctls.set(directory, true).close();
    assertThat(template()).hasContent("1");
  }

  @Test
  void aKernelWithoutItIsNoError() {
    IpvsSysctls.set(directory, true).close();
    assertThat(template()).doesNotExist();
  }
}
