package io.portal.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The demo's daemon: a process of its own with a directory of its own, both gone after {@link
 * #close}, also when the demo is interrupted. If the demo is killed the daemon stops by itself, for
 * its standard input ends.
 */
final class DemoDaemon implements AutoCloseable {

  /** In the environment of a daemon that is to stop when its standard input ends. */
  static final String STOP_WITH_INPUT = "PORTAL_STOP_WITH_INPUT";

  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final Process process;
  private final Path directory;
  private final Map<String, String> client;
  private final Thread hook = new Thread(this::end);

  private DemoDaemon(Process process, Path directory, Map<String, String> client) {
    this.process = process;
    this.directory = directory;
    this.client = client;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Starts it.
   *
   * @param environment variables besides those of this process, of which portal's settings are left
   *     out
   */
  static DemoDaemon start(String balancer, DemoPlaces places, Map<String, String> environment)
      throws IOException {
    Path directory = Files.createTempDirectory("portal-demo");
    String token = new BigInteger(128, new SecureRandom()).toString(36);
    List<String> command =
        Launcher.command(
            "--server",
            "--api-host=127.0.0.1",
            "--api-port=" + places.api(),
            "--balancer=" + balancer,
            "--db-connection=scribble://" + directory.resolve("db"),
            "--work-dir=" + directory,
            "--proxy-http=127.0.0.1:" + places.http(),
            "--proxy-tls=127.0.0.1:" + places.tls());
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.redirectOutput(directory.resolve("log").toFile());
      // The settings of who runs it are meant for another daemon, which may be in a cluster.
      builder
          .environment()
          .keySet()
          .removeIf(name -> name.startsWith("PORTAL_") && !name.equals("PORTAL_JAVA_OPTS"));
      builder.environment().putAll(environment);
      builder.environment().put(STOP_WITH_INPUT, "true");
      // Not an argument: those everybody on the host can read.
      builder.environment().put("PORTAL_API_TOKEN", token);
      Map<String, String> client =
          Map.of(
              "PORTAL_API_PORT", Integer.toString(places.api()),
              "PORTAL_API_TOKEN", token,
              "PORTAL_WORK_DIR", directory.toString());
      return new DemoDaemon(builder.start(), directory, client);
    } catch (IOException e) {
      delete(directory);
      throw e;
    }
  }

  /** The environment that leads a client to this daemon. */
  Map<String, String> client() {
    return client;
  }

  /**
   * Waits until the daemon says it is ready.
   *
   * @throws CliException with the end of its log if it stops, or takes too long
   */
  void awaitReady() {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    for (String why = whyNotReady(); !why.isEmpty(); why = whyNotReady()) {
      if (System.nanoTime() > end) {
        throw new CliException(
            Exit.UNREACHABLE,
            "the daemon is not ready after "
                + START_LIMIT.toSeconds()
                + " s: "
                + why
                + "\n"
                + log());
      }
      try {
        if (process.waitFor(30, TimeUnit.MILLISECONDS)) {
          throw new CliException(
              Exit.UNREACHABLE, "the daemon stopped with " + process.exitValue() + "\n" + log());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CliException(Exit.UNREACHABLE, "interrupted", e);
      }
    }
  }

  /** Why the daemon is not ready; empty if it is. */
  private String whyNotReady() {
    try {
      // Another client each time: the daemon's certificate may not have been there before.
      Settings settings = Settings.of(new Settings.Lookup(new Flags(), client, Map.of()));
      new Client(settings).send("GET", "/readyz", null).orRefuse();
      return "";
    } catch (CliException notYet) {
      return notYet.text();
    }
  }

  /** The end of the daemon's log, for those who ask why. */
  String log() {
    try {
      List<String> lines = Files.readAllLines(directory.resolve("log"));
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  /** Stops it as an operator would; whether it went cleanly. */
  boolean stop() {
    process.destroy();
    try {
      // 143 is how a JVM ends on SIGTERM.
      return process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)
          && (process.exitValue() == 0 || process.exitValue() == 143);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void end() {
    if (process.isAlive() && !stop()) {
      process.destroyForcibly();
    }
    delete(directory);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException interrupted) {
      return; // the hook is at it
    }
    end();
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.deleteIfExists(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (IOException | UncheckedIOException e) {
      throw new CliException(Exit.REFUSED, "cannot remove " + directory + ": " + e.getMessage(), e);
    }
  }
}
