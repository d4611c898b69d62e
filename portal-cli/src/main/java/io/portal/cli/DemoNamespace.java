package io.portal.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs portal in a new network namespace; the kernel removes it with its last process. */
final class DemoNamespace {

  private final Host host;

  DemoNamespace(Host host) {
    this.host = host;
  }

  /** Why that is not possible here; empty if it is. */
  Optional<String> whyNot() {
    Optional<String> why = host.whyNoIpvs();
    if (why.isEmpty() && host.program("unshare").isEmpty()) {
      why = Optional.of("the program unshare (package util-linux) is not there");
    }
    if (why.isEmpty() && host.program("ip").isEmpty()) {
      why = Optional.of("the program ip (package iproute2) is not there");
    }
    return why;
  }

  /**
   * Runs to the end, with this process's streams.
   *
   * @param mark a variable that the inner process finds in its environment
   */
  Exit run(String mark, String... words) {
    List<String> command = new ArrayList<>();
    command.add(host.program("unshare").orElseThrow().toString());
    command.addAll(List.of("--net", "--", "sh", "-c"));
    command.add("\"$0\" link set lo up && exec \"$@\"");
    command.add(host.program("ip").orElseThrow().toString());
    command.addAll(Launcher.command(words));
    try {
      ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
      builder.environment().put(mark, "true");
      Process process = builder.start();
      Thread stop = new Thread(process::destroy);
      Runtime.getRuntime().addShutdownHook(stop);
      int code = process.waitFor();
      Runtime.getRuntime().removeShutdownHook(stop);
      for (Exit exit : Exit.values()) {
        if (exit.code() == code) {
          return exit;
        }
      }
      return Exit.REFUSED;
    } catch (IOException e) {
      throw new CliException(Exit.REFUSED, "no network namespace: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Exit.REFUSED;
    } catch (IllegalStateException shuttingDown) {
      return Exit.REFUSED;
    }
  }
}
