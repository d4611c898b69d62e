package io.portal.proxy.nginx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.ExecuteWatchdog;
import org.apache.commons.exec.PumpStreamHandler;

/** Runs a command to its end and keeps what it says. Blocks. */
final class NginxCommand {

  private NginxCommand() {}

  /**
   * How a command ended.
   *
   * @param exit its exit status
   * @param output what it wrote, standard output and error together
   */
  record Result(int exit, String output) {}

  /**
   * Runs it.
   *
   * @param limit when it is killed
   * @throws IOException if it cannot be started, or ran into the limit
   */
  static Result run(List<String> command, Duration limit) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    DefaultExecutor executor = DefaultExecutor.builder().get();
    ExecuteWatchdog watchdog = ExecuteWatchdog.builder().setTimeout(limit).get();
    executor.setWatchdog(watchdog);
    executor.setStreamHandler(new PumpStreamHandler(output));
    executor.setExitValues(null); // Every status is an answer.
    int exit = executor.execute(line(command));
    if (watchdog.killedProcess()) {
      throw new IOException(String.join(" ", command) + " did not end within " + limit);
    }
    return new Result(exit, output.toString(StandardCharsets.UTF_8));
  }

  /** The command line, its arguments passed on as they are. */
  static CommandLine line(List<String> command) {
    CommandLine line = new CommandLine(command.get(0));
    command.subList(1, command.size()).forEach(argument -> line.addArgument(argument, false));
    return line;
  }
}
