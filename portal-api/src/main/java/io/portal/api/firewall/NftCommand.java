package io.portal.api.firewall;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portal.core.port.FirewallException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.ExecuteWatchdog;
import org.apache.commons.exec.PumpStreamHandler;

/** Runs {@code nft -j}. Blocks. */
final class NftCommand {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> command;

  /**
   * A command that is not run yet.
   *
   * @param command the program, and arguments that come before those of this class
   */
  NftCommand(List<String> command) {
    this.command = List.copyOf(command);
  }

  /** All rules of this host, as the array {@code nftables} of libnftables-json(5). */
  JsonNode ruleset() throws FirewallException {
    try {
      return JSON.readTree(run("", "-j", "list", "ruleset")).path("nftables");
    } catch (JsonProcessingException e) {
      throw new FirewallException("nft lists what is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Does all of these commands, or nothing. */
  void apply(List<JsonNode> commands) throws FirewallException {
    if (!commands.isEmpty()) {
      run(
          JSON.createObjectNode().set("nftables", JSON.valueToTree(commands)).toString(),
          "-j",
          "-f",
          "-");
    }
  }

  private String run(String input, String... arguments) throws FirewallException {
    CommandLine line = new CommandLine(command.get(0));
    command.subList(1, command.size()).forEach(argument -> line.addArgument(argument, false));
    line.addArguments(arguments, false);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    DefaultExecutor executor = DefaultExecutor.builder().get();
    ExecuteWatchdog watchdog = ExecuteWatchdog.builder().setTimeout(LIMIT).get();
    executor.setWatchdog(watchdog);
    executor.setExitValues(null); // Every status is an answer.
    executor.setStreamHandler(
        new PumpStreamHandler(
            output, errors, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8))));
    int exit;
    try {
      exit = executor.execute(line);
    } catch (IOException e) {
      throw new FirewallException(
          "nft cannot be run: " + e.getMessage() + " (Debian: apt install nftables)", e);
    }
    if (watchdog.killedProcess()) {
      throw new FirewallException("nft did not end within " + LIMIT.toSeconds() + " s");
    }
    if (exit != 0) {
      String said = errors.toString(StandardCharsets.UTF_8).strip();
      throw new FirewallException("nft: " + (said.isEmpty() ? "exit " + exit : first(said)));
    }
    return output.toString(StandardCharsets.UTF_8);
  }

  private static String first(String text) {
    return text.lines().findFirst().orElse("");
  }
}
