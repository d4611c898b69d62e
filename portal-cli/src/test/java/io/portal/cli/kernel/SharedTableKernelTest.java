package io.portal.cli.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.kernel.KernelTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A kernel's table in which {@code ipvsadm} was before portal, and a second daemon on it. */
@KernelTest
class SharedTableKernelTest {

  private static final List<String> OTHERS =
      List.of(
          "-A -t 10.9.0.1:80 -s rr",
          "-a -t 10.9.0.1:80 -r 10.9.0.2:80 -m -w 3",
          "-A -u 10.9.0.1:53 -s wlc");
  private static final String OWN = "{\"host\":\"10.9.0.1\",\"port\":81,\"scheduler\":\"rr\"}";
  private static final String OWN_RULE = "-A -t 10.9.0.1:81 -s rr";

  private Namespace director;
  private Path log;

  @BeforeEach
  void somebodyElseIsThere() throws Exception {
    director = Namespace.create("st");
    log = Files.createTempFile("daemon-shared", ".log");
    for (String rule : OTHERS) {
      director.shell("ipvsadm " + rule);
    }
  }

  @AfterEach
  void close() throws Exception {
    director.close();
  }

  private DaemonProcess started(Path directory, String... flags) throws Exception {
    DaemonProcess daemon = new DaemonProcess(director, directory, log, List.of(flags));
    try {
      daemon.start();
    } catch (Exception | AssertionError e) {
      throw new AssertionError("the daemon's log:\n" + Files.readString(log), e);
    }
    return daemon;
  }

  private List<String> rules() throws Exception {
    return director.shell("ipvsadm -Sn").lines().toList();
  }

  @Test
  void whatIsThereIsLeftAloneUntilSomebodyDecides() throws Exception {
    Path directory = Files.createTempDirectory("shared");
    try (DaemonProcess daemon = started(directory)) {
      assertThat(rules()).containsExactlyInAnyOrderElementsOf(OTHERS);
      assertThat(daemon.told("unmanaged")).isEqualTo(2);
      assertThat(daemon.ask("POST", "/services", OWN).status()).isEqualTo(200);
      daemon.kill();
    }
    try (DaemonProcess daemon = started(directory)) {
      assertThat(rules()).contains(OWN_RULE).containsAll(OTHERS).hasSize(4);

      assertThatThrownBy(
              () ->
                  daemon.portal(
                      "--server",
                      "--api-port=8444",
                      "--proxy-http=off",
                      "--proxy-tls=off",
                      "--db-connection=scribble://" + Files.createTempDirectory("second"),
                      "--work-dir=" + Files.createTempDirectory("second")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another portal daemon (process ")
          .hasMessageContaining("ignore-addresses");
    }
    try (DaemonProcess daemon = started(directory, "--adopt")) {
      assertThat(daemon.ask("GET", "/services", "").body())
          .contains("tcp-10_9_0_1-80", "10_9_0_2-80", "udp-10_9_0_1-53", "tcp-10_9_0_1-81");
      assertThat(daemon.told("changes")).isZero();
    }
    assertThat(rules()).contains(OWN_RULE).containsAll(OTHERS).hasSize(4);
  }

  @Test
  void whatIsThereIsRemovedWhereThatIsAskedFor() throws Exception {
    try (DaemonProcess daemon = started(Files.createTempDirectory("shared"), "--take")) {
      assertThat(rules()).isEmpty();
    }
  }
}
