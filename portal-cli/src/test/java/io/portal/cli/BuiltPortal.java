package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The built {@code bin/portal}: a daemon of it, and commands to that daemon as processes. */
final class BuiltPortal implements AutoCloseable {

  private static final Path LAUNCHER = Path.of("target/portal/bin/portal").toAbsolutePath();
  private static final String LAUNCHER_PROPERTY = "portal.launcher";
  private static final long LIMIT_SECONDS = 60;

  private final DemoDaemon daemon;
  private final Path directory;

  /** What a command left behind. */
  record Result(int exit, String out, String err) {}

  private BuiltPortal(DemoDaemon daemon, Path directory) {
    this.daemon = daemon;
    this.directory = directory;
  }

  /**
   * Starts a daemon, and waits until it is ready.
   *
   * @param directory where commands run
   * @param environment settings of the daemon besides those of the demo's
   */
  static BuiltPortal start(
      String balancer, DemoPlaces places, Path directory, Map<String, String> environment)
      throws IOException {
    assertThat(LAUNCHER).as("built by the package phase").isExecutable();
    System.setProperty(LAUNCHER_PROPERTY, LAUNCHER.toString());
    BuiltPortal portal =
        new BuiltPortal(DemoDaemon.start(balancer, places, environment), directory);
    try {
      portal.daemon.awaitReady();
      return portal;
    } catch (CliException e) {
      portal.close();
      throw e;
    }
  }

  /** Runs a command with nothing on its standard input. */
  Result run(String... words) throws IOException, InterruptedException {
    return run("", Map.of(), words);
  }

  /** Runs a command to its end. */
  Result run(String input, Map<String, String> environment, String... words)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(Launcher.command(words));
    builder.environment().putAll(environment(environment));
    Path err = Files.createTempFile("portal", "err");
    try {
      Process process = builder.directory(directory.toFile()).redirectError(err.toFile()).start();
      try (OutputStream in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException notRead) {
        // a command that wants no input may be gone already
      }
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      return new Result(process.exitValue(), out, Files.readString(err));
    } finally {
      Files.delete(err);
    }
  }

  private Map<String, String> environment(Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(daemon.client());
    environment.putAll(more);
    return environment;
  }

  @Override
  public void close() {
    System.clearProperty(LAUNCHER_PROPERTY);
    daemon.close();
  }
}
