package io.portal.proxy.bench;

import io.portal.proxy.bench.Scenario.Bar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What a request costs through portal, nginx and HAProxy, side by side on loopback. Started by
 * bench/proxy.
 */
public final class ProxyBenchmark {

  private static final int WARM_UP_REQUESTS = 30_000;
  private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(90);

  private final BenchmarkOptions options;
  private final Path directory;
  private final Certificates certificates;
  private final Contender backend;
  private final Map<Setup, Contender> running = new HashMap<>();

  private ProxyBenchmark(
      BenchmarkOptions options, Path directory, Certificates certificates, Contender backend) {
    this.options = options;
    this.directory = directory;
    this.certificates = certificates;
    this.backend = backend;
  }

  /** Runs the scenarios that the arguments choose. */
  public static void main(String[] arguments) throws Exception {
    BenchmarkOptions options;
    try {
      options = BenchmarkOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.out.println(e.getMessage());
      System.exit(2);
      return;
    }
    Path directory = Files.createTempDirectory("portal-bench");
    int certs =
        options.scenarios().stream()
            .flatMap(scenario -> scenario.setups().stream())
            .mapToInt(Setup::certs)
            .max()
            .orElse(1);
    Certificates certificates =
        Certificates.write(Files.createDirectory(directory.resolve("certs")), certs);
    try (Contender backend = Backend.start(directory)) {
      ProxyBenchmark benchmark = new ProxyBenchmark(options, directory, certificates, backend);
      Runtime.getRuntime().addShutdownHook(new Thread(benchmark::closeAll));
      System.out.printf(
          "%d processors, Java %s, %d rounds of %d s; medians of the rounds%n",
          Runtime.getRuntime().availableProcessors(),
          Runtime.version(),
          options.rounds(),
          options.time().toSeconds());
      for (Scenario scenario : options.scenarios()) {
        benchmark.run(scenario);
      }
      benchmark.closeAll();
    } finally {
      delete(directory);
    }
  }

  private void run(Scenario scenario) throws Exception {
    System.out.printf("%n%s: %s%n  load average %s", scenario.name(), scenario.title(), load());
    Map<Setup, List<Sample>> samples = new HashMap<>();
    Map<Setup, String> left = new HashMap<>();
    for (Setup setup : scenario.setups()) {
      try {
        warmUp(scenario.load(), contender(setup));
        samples.put(setup, new ArrayList<>());
      } catch (Exception e) {
        left.put(setup, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      }
    }
    for (int round = 0; round < options.rounds(); round++) {
      for (Setup setup : scenario.setups()) {
        List<Sample> taken = samples.get(setup);
        if (taken != null) {
          taken.add(sample(scenario.load(), contender(setup)));
        }
      }
    }
    System.out.printf(", at the end %s%n", load());
    print(scenario, samples, left);
  }

  /**
   * Until a JVM has compiled what it will: after many requests, for compiling is started by how
   * often something is used and not by how long, and when for three samples none was cheaper.
   */
  private void warmUp(Load load, Contender contender) throws Exception {
    if (contender.setup().software() != Software.PORTAL) {
      load.run(contender, Duration.ofMillis(500));
      return;
    }
    double least = Double.POSITIVE_INFINITY;
    double requests = 0;
    int settled = 0;
    long until = System.nanoTime() + WARM_UP_LIMIT.toNanos();
    long atLeast = System.nanoTime() + options.warmUp().toNanos();
    while (System.nanoTime() < until) {
      Sample now = sample(load, contender);
      requests += now.rate() * options.time().toSeconds();
      settled = now.cpu() > least * 0.98 ? settled + 1 : 0;
      least = Math.min(least, now.cpu());
      if (System.nanoTime() > atLeast && requests > WARM_UP_REQUESTS && settled >= 3) {
        return;
      }
    }
  }

  private Sample sample(Load load, Contender contender) throws Exception {
    double before = contender.cpuSeconds();
    long start = System.nanoTime();
    long[] micros = load.run(contender, options.time());
    double seconds = (System.nanoTime() - start) / 1e9;
    return Sample.of(micros, seconds, contender.cpuSeconds() - before);
  }

  private Contender contender(Setup setup) throws Exception {
    Contender contender = running.get(setup);
    if (contender == null) {
      contender = Contender.start(setup, directory, certificates, backend.http(), options.bare());
      running.put(setup, contender);
    }
    return contender;
  }

  private static void print(
      Scenario scenario, Map<Setup, List<Sample>> samples, Map<Setup, String> left) {
    System.out.printf(
        "  %-34s %10s %9s %9s %9s %9s%n",
        "", "requests/s", "p50 ms", "p99 ms", "p999 ms", "CPU us");
    for (Setup setup : scenario.setups()) {
      List<Sample> taken = samples.get(setup);
      if (taken == null) {
        System.out.printf("  %-34s left out: %s%n", name(scenario, setup), left.get(setup));
      } else {
        System.out.printf(
            Locale.ROOT,
            "  %-34s %10.0f %9.2f %9.2f %9.2f %9.1f%n",
            columns(name(scenario, setup), column -> Sample.median(values(taken, column))));
      }
    }
    for (Bar bar : scenario.bars()) {
      List<Sample> over = samples.get(bar.over());
      List<Sample> under = samples.get(bar.under());
      if (over == null || under == null) {
        continue;
      }
      System.out.printf(
          Locale.ROOT,
          "  %-34s %10.2f %9.2f %9.2f %9.2f %9.3f%s%n",
          append(
              columns(
                  name(scenario, bar.over()) + " : " + name(scenario, bar.under()),
                  column -> Sample.median(ratios(over, under, column))),
              verdict(bar, Sample.median(ratios(over, under, Sample::cpu)))));
    }
  }

  private static String verdict(Bar bar, double ratio) {
    if (Double.isInfinite(bar.limit())) {
      return "";
    }
    return String.format(
        Locale.ROOT, "  (asked %.2f: %s)", bar.limit(), ratio <= bar.limit() ? "met" : "NOT MET");
  }

  private static String name(Scenario scenario, Setup setup) {
    boolean counted = scenario.setups().stream().anyMatch(s -> s.routes() > 1 || s.certs() > 1);
    boolean certs = scenario.setups().stream().anyMatch(s -> s.certs() > 1);
    return counted
        ? setup.software() + " " + (certs ? setup.certs() : setup.routes())
        : setup.software().toString();
  }

  private static Object[] columns(String name, ToDoubleFunction<ToDoubleFunction<Sample>> value) {
    List<Object> row = new ArrayList<>();
    row.add(name);
    Sample.COLUMNS.forEach(column -> row.add(value.applyAsDouble(column)));
    return row.toArray();
  }

  private static Object[] append(Object[] row, Object last) {
    return Stream.concat(Stream.of(row), Stream.of(last)).toArray();
  }

  private static double[] values(List<Sample> samples, ToDoubleFunction<Sample> column) {
    return samples.stream().mapToDouble(column).toArray();
  }

  /** Round by round: what disturbed one proxy most likely disturbed its neighbour too. */
  private static double[] ratios(
      List<Sample> over, List<Sample> under, ToDoubleFunction<Sample> column) {
    double[] ratios = new double[over.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = column.applyAsDouble(over.get(i)) / column.applyAsDouble(under.get(i));
    }
    return ratios;
  }

  private static String load() throws IOException {
    String[] fields = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
    return fields[0] + " " + fields[1];
  }

  private synchronized void closeAll() {
    for (Contender contender : running.values()) {
      try {
        contender.close();
      } catch (IOException e) {
        System.out.println("  not cleaned up: " + e.getMessage());
      }
    }
    running.clear();
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
