package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The completion scripts, asked through the shell itself. */
class CompletionTest {

  @TempDir private Path directory;

  static boolean bash() {
    return Files.isExecutable(Path.of("/bin/bash"));
  }

  private String complete(String... typed) throws IOException, InterruptedException {
    Path script =
        Files.writeString(
            directory.resolve("portal.bash"), new CommandLine().run("completion", "bash").out());
    String words = "portal " + String.join(" ", typed) + " ";
    String last = typed.length == 0 ? "" : typed[typed.length - 1];
    String ask =
        "source "
            + script
            + "; COMP_WORDS=("
            + words.strip()
            + "); COMP_CWORD="
            + Math.max(1, typed.length)
            + "; _portal; printf '%s ' \"${COMPREPLY[@]}\"";
    assertThat(last).isNotNull();
    Process bash = new ProcessBuilder("/bin/bash", "-c", ask).redirectErrorStream(true).start();
    String text = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).isZero();
    return text.strip();
  }

  @Test
  @EnabledIf("bash")
  void bashKnowsCommandsFlagsAndValues() throws IOException, InterruptedException {
    assertThat(complete("show-ser"))
        .isEqualTo("show-service show-services show-server show-servers");
    assertThat(complete("-i", "add-vip", "--ali")).isEqualTo("--alias");
    assertThat(complete("add-vip", "--api-k")).isEqualTo("--api-key --api-key-password");
    assertThat(complete("--balancer", "n")).isEqualTo("nginx");
    assertThat(complete("completion", "f")).isEqualTo("fish");
  }

  @Test
  void everyShellKnowsEveryCommand() {
    for (String shell : new String[] {"bash", "zsh", "fish"}) {
      String script = new CommandLine().run("completion", shell).out();
      assertThat(script).contains(Commands.all().keySet());
    }
  }
}
