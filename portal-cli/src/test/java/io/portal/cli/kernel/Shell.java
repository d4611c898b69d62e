package io.portal.cli.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the machine's own commands, the judges of what portal did. */
final class Shell {

  private Shell() {}

  /**
   * Runs a command line, words parted by single spaces.
   *
   * @return what it printed
   * @throws IOException if it does not exit with 0 within a minute
   */
  static String run(String commandLine) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(List.of(commandLine.split(" "))).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(commandLine + ": " + printed);
    }
    return printed;
  }
}
