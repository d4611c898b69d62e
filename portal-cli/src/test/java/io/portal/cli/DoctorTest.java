package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor says of this machine, asked for things that every machine has or lacks. */
class DoctorTest {

  @TempDir private Path directory;

  private CommandLine.Outcome doctor(String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "doctor",
                "--balancer=userspace",
                "--work-dir=" + directory,
                "--db-connection=scribble://" + directory.resolve("db"),
                "--api-port=" + freePort(),
                "--proxy-http=127.0.0.1:" + freePort(),
                "--proxy-tls=127.0.0.1:" + freePort()));
    words.addAll(List.of(more));
    return new CommandLine().run(words.toArray(String[]::new));
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatIsNotNeededIsANoteOnly() {
    CommandLine.Outcome outcome = doctor();

    assertThat(outcome.out())
        .contains("Java", "work directory", "HTTP port", "nginx")
        .endsWith("\nPortal can run here as it is configured.\n");
    assertThat(outcome.exit()).isEqualTo(Exit.OK);
  }

  @Test
  void aPortInUseIsMissingWithAWayToFindItsOwner() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CommandLine.Outcome outcome = doctor("--proxy-http=127.0.0.1:" + taken.getLocalPort());

      assertThat(outcome.exit()).isEqualTo(Exit.REFUSED);
      assertThat(outcome.out())
          .contains("ss -ltnp 'sport = :" + taken.getLocalPort() + "'")
          .contains("see 'missing' above.\n");
    }
  }

  @Test
  void aServerThatIsConfiguredMustBeReached() {
    int nobody = freePort();

    CommandLine.Outcome outcome =
        doctor(
            "--db-connection=postgres://user:secret@127.0.0.1:" + nobody + "/portal",
            "--cluster-connection=redis://127.0.0.1:" + nobody,
            "--output=json");

    assertThat(outcome.exit()).isEqualTo(Exit.REFUSED);
    assertThat(outcome.out())
        .contains("\"check\" : \"PostgreSQL\"", "\"check\" : \"Redis\"")
        .contains("not reached at 127.0.0.1:" + nobody)
        .doesNotContain("secret");
  }
}
