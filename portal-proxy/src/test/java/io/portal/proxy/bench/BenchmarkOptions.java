package io.portal.proxy.bench;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the benchmark is to run.
 *
 * @param scenarios in order
 * @param rounds how often each proxy's turn comes
 * @param time of one turn
 * @param warmUp how long portal's JVM is used before a scenario is measured, at least
 * @param bare whether nginx and HAProxy leave out the headers that portal adds
 */
record BenchmarkOptions(
    List<Scenario> scenarios, int rounds, Duration time, Duration warmUp, boolean bare) {

  /** Reads the command line; throws IllegalArgumentException with what is allowed. */
  static BenchmarkOptions parse(String[] arguments) {
    List<Scenario> scenarios = Scenario.all();
    int rounds = 5;
    int seconds = 2;
    int warmUp = 8;
    boolean bare = false;
    for (int i = 0; i < arguments.length; i++) {
      String option = arguments[i];
      if (option.equals("--bare")) {
        bare = true;
        continue;
      }
      if (i + 1 == arguments.length) {
        throw usage();
      }
      String value = arguments[++i];
      switch (option) {
        case "--only" -> scenarios = chosen(List.of(value.split(",", -1)));
        case "--rounds" -> rounds = number(value);
        case "--seconds" -> seconds = number(value);
        case "--warm-up" -> warmUp = number(value);
        default -> throw usage();
      }
    }
    return new BenchmarkOptions(
        scenarios, rounds, Duration.ofSeconds(seconds), Duration.ofSeconds(warmUp), bare);
  }

  private static List<Scenario> chosen(List<String> names) {
    List<Scenario> chosen =
        Scenario.all().stream().filter(scenario -> names.contains(scenario.name())).toList();
    if (chosen.size() != names.size()) {
      throw usage();
    }
    return chosen;
  }

  private static int number(String text) {
    try {
      int number = Integer.parseInt(text);
      if (number > 0 && number <= 1000) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw usage();
    }
    throw usage();
  }

  private static IllegalArgumentException usage() {
    return new IllegalArgumentException(
        """
        bench/proxy [--only NAME,NAME] [--rounds 5] [--seconds 2] [--warm-up 8] [--bare]
          --bare: nginx and HAProxy leave out the X-Forwarded and Via headers that portal adds
          names: %s"""
            .formatted(
                Scenario.all().stream().map(Scenario::name).collect(Collectors.joining(", "))));
  }
}
