package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The completion scripts, asked through the shell itself. */
class CompletionTest {

  @TempDir private Path directory;

  static boolean bash() {
    return Files.isExecutable(Path.of("/bin/bash"));
  }

  private String answer = "";

  private String complete(String... typed) throws IOException, InterruptedException {
    Path script =
        Files.writeString(
            directory.resolve("portal.bash"), new CommandLine().run("completion", "bash").out());
    String words = "portal " + String.join(" ", typed) + " ";
    String last = typed.length == 0 ? "" : typed[typed.length - 1];
    String ask =
        "portal() { echo '"
            + answer
            + "'; echo \"$@\" > "
            + directory.resolve("asked")
            + "; }; source "
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
  @EnabledIf("bash")
  void bashOffersValues() throws IOException, InterruptedException {
    assertThat(complete("add-service", "-s", "w")).isEqualTo("wrr wlc");
    assertThat(complete("add-service", "--service-scheduler", "=", "w")).isEqualTo("wrr wlc");
    assertThat(complete("add-service", "-T", "f")).isEqualTo("fwmark");
    assertThat(complete("add-server", "-f", "''")).isEqualTo("g i m");
    assertThat(complete("show-vips", "--log-level", "D")).isEqualTo("DEBUG");
    assertThat(complete("config", "c")).startsWith("check");
    assertThat(complete("set-log-level", "deb")).isEqualTo("debug");
    // What is somebody's own to say is not completed with flags.
    assertThat(complete("add-service", "-O", "''")).isEmpty();
  }

  @Test
  @EnabledIf("bash")
  void bashOffersTheIdsThatTheDaemonHas() throws IOException, InterruptedException {
    answer =
        "[{\"id\":\"tcp-10_0_0_1-80\",\"servers\":[{\"id\":\"10_0_1_1-80\"}]},{\"id\":\"udp-10_0_0_1-53\"}]";
    assertThat(complete("show-service", "-I", "''")).isEqualTo("tcp-10_0_0_1-80 udp-10_0_0_1-53");
    assertThat(complete("remove-server", "--service-id", "u")).isEqualTo("udp-10_0_0_1-53");
    answer = "[{\"id\":\"10_0_1_1-80\",\"weight\":1},{\"id\":\"10_0_1_2-80\"}]";
    assertThat(complete("remove-server", "-I", "tcp-10_0_0_1-80", "-S", "''"))
        .isEqualTo("10_0_1_1-80 10_0_1_2-80");
    assertThat(directory.resolve("asked")).hasContent("show-servers -I tcp-10_0_0_1-80");
  }

  @Test
  void whatIsOfferedBelongsToFlags() {
    Set<String> names = new HashSet<>();
    Globals.ALL.forEach(flag -> names.add(flag.name()));
    Commands.all().values().forEach(c -> c.flags().forEach(flag -> names.add(flag.name())));
    assertThat(names).containsAll(CompletionValues.WORDS.keySet());
  }

  @Test
  void everyShellKnowsEveryCommand() {
    for (String shell : new String[] {"bash", "zsh", "fish"}) {
      String script = new CommandLine().run("completion", shell).out();
      assertThat(script).contains(Commands.all().keySet());
    }
  }
}
