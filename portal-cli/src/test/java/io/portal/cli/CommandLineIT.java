package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The built {@code bin/portal}, each command a process against a daemon that is one too and serves
 * what it is told: standard output, standard error and exit code to the letter.
 */
class CommandLineIT {

  @TempDir private static Path directory;
  private static BuiltPortal portal;
  private static String port;

  @BeforeAll
  static void start() throws IOException {
    DemoPlaces places = DemoPlaces.free(1);
    port = BuiltPortal.servicePort(places);
    portal = BuiltPortal.start("userspace", places, directory, Map.of());
  }

  @AfterAll
  static void stop() {
    if (portal != null) {
      portal.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> servicesAndServers() throws IOException {
    return portal.table(
        "services.transcript", Map.of("PORT", port, "ID", "tcp-127_0_0_77-" + port));
  }

  @Test
  void theVersionNamesTheCommit() throws IOException, InterruptedException {
    String commit = Files.exists(Path.of("../.git")) ? "[0-9a-f]{40}" : "unknown";

    assertThat(portal.run("--version").out())
        .matches("portal [0-9][^ ${}]* \\(commit " + commit + "\\)\n");
  }

  @Test
  void theDemoEndsWellAndLeavesNothing() throws IOException, InterruptedException {
    BuiltPortal.Result result = portal.run("demo", "--balancer", "userspace", "-n", "40");

    assertThat(result.out()).contains("40 requests to http://", "0 failed", "Works.");
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    assertThat(demoDirectories()).isEmpty();
  }

  @Test
  void anInterruptedDemoLeavesNothingEither() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(Launcher.command("demo", "--balancer", "userspace", "-n", "1000000"));
    builder.environment().put("PORTAL_JAVA_OPTS", "-Djava.io.tmpdir=" + directory);
    Process demo = builder.redirectErrorStream(true).start();
    try (BufferedReader out = demo.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      while (line != null && !line.startsWith("$ portal add-service")) {
        line = out.readLine();
      }
      List<ProcessHandle> daemons = demo.descendants().toList();
      assertThat(daemons).hasSize(1);

      demo.destroy();

      assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(daemons.get(0).isAlive()).isFalse();
    }
    assertThat(demoDirectories()).isEmpty();
  }

  private static List<String> demoDirectories() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(Path::toString)
          .filter(file -> file.contains("portal-demo"))
          .sorted()
          .toList();
    }
  }
}
