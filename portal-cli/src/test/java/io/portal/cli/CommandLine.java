package io.portal.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Runs command lines inside the test's JVM, with streams and an environment of their own. */
final class CommandLine {

  private final Map<String, String> environment = new HashMap<>();
  private String input = "";

  /** What a command line left behind. */
  record Outcome(Exit exit, String out, String err) {}

  CommandLine with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  CommandLine input(String text) {
    input = text;
    return this;
  }

  Outcome run(String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            environment,
            false);
    Exit exit = new Cli(terminal).run(words);
    return new Outcome(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
