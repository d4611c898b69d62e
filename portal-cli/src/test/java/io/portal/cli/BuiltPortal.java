package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

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

  /** The port of that place on loopback that the demo would serve on. */
  static String servicePort(DemoPlaces places) {
    return places.service().substring(places.service().lastIndexOf(':') + 1);
  }

  /** A test for each row of that transcript, to be run in their order. */
  Stream<DynamicTest> table(String name, Map<String, String> variables) throws IOException {
    return Transcript.read(name, variables).stream()
        .map(row -> DynamicTest.dynamicTest(row.command(), () -> check(row)));
  }

  private void check(Transcript.Row row) throws IOException, InterruptedException {
    for (Map.Entry<String, StringBuilder> file : row.files().entrySet()) {
      Files.writeString(directory.resolve(file.getKey()), file.getValue());
    }
    Result result = runWith(row.input(), row.words());
    if (!row.target().isEmpty()) {
      Files.writeString(directory.resolve(row.target()), result.out());
      result = new Result(result.exit(), "", result.err());
    }
    assertThat(result).isEqualTo(row.result());
  }

  /** Runs a command with nothing on its standard input. */
  Result run(String... words) throws IOException, InterruptedException {
    return runWith("", words);
  }

  /** Runs a command to its end. */
  Result runWith(String input, String... words) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(Launcher.command(words));
    // What the command leaves behind is looked for in the test's own directory.
    builder.environment().put("PORTAL_JAVA_OPTS", "-Djava.io.tmpdir=" + directory);
    builder.environment().putAll(daemon.client());
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

  @Override
  public void close() {
    System.clearProperty(LAUNCHER_PROPERTY);
    daemon.close();
  }
}
