package io.portal.ipvs.bench;

import io.portal.core.Portal;
import io.portal.core.kernel.UserModeLinux;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.InMemoryStore;
import io.portal.ipvs.IpvsBalancer;
import io.portal.netlink.NetworkNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Measures how fast the kernel is programmed, against ipvsadm in the same boot of User-Mode Linux,
 * every measurement in a fresh network namespace.
 */
@SuppressWarnings("try")
public final class KernelBenchmark {

  private static final int ROUNDS = 5;
  private static final int WARM_UP = 25;

  private KernelBenchmark() {}

  /** Boots the kernel and measures in it; with {@code inside}, measures. */
  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("inside")) {
      programAndDump();
      reconcile();
      addOne();
      return;
    }
    Optional<String> missing = UserModeLinux.missing();
    if (missing.isPresent()) {
      System.out.println("cannot be measured here: " + missing.get());
      System.exit(1);
    }
    Path directory = Files.createTempDirectory("portal-bench");
    Path output = directory.resolve("output.txt");
    int status =
        new UserModeLinux(directory)
            .run(
                List.of(
                    "/bin/sh",
                    "-c",
                    "exec \"$@\" > '" + output + "' 2>&1",
                    "sh",
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-Xms1500m",
                    "-Xmx1500m",
                    // The first touch of a page is very slow in User-Mode Linux: reuse them soon.
                    "-Xmn64m",
                    "-Djava.io.tmpdir=/run/tmp",
                    "-Djna.tmpdir=/run/tmp",
                    "-cp",
                    System.getProperty("java.class.path"),
                    KernelBenchmark.class.getName(),
                    "inside"),
                Duration.ofMinutes(15));
    System.out.print(Files.readString(output));
    System.exit(status);
  }

  private static void programAndDump() throws Exception {
    List<Service> services = BenchServices.make(1000, 10);
    List<BalancerChange> changes = BenchServices.changes(services);
    List<String> expected = sorted(BenchServices.ipvsadm(services));
    int operations = changes.size();

    double[] program = new double[ROUNDS];
    double[] dump = new double[ROUNDS];
    double[] restore = new double[ROUNDS];
    double[] judgeDump = new double[ROUNDS];
    Path rules = Files.createTempFile("rules", ".txt");
    Files.write(rules, BenchServices.ipvsadm(services));
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      try (NetworkNamespace namespace = NetworkNamespace.enter();
          IpvsBalancer balancer = IpvsBalancer.open()) {
        long start = System.nanoTime();
        List<Balancer.Failure> failures = balancer.apply(changes);
        long programmed = System.nanoTime() - start;
        check(failures.isEmpty(), "changes were refused: " + failures.size());
        start = System.nanoTime();
        int found = balancer.observe().size();
        long dumped = System.nanoTime() - start;
        check(found == services.size(), "services observed: " + found);
        if (round >= 0) {
          start = System.nanoTime();
          String printed = NetworkNamespace.run("ipvsadm", "-Sn");
          judgeDump[round] = seconds(System.nanoTime() - start);
          check(sorted(printed.lines().toList()).equals(expected), "ipvsadm -Sn differs");
          program[round] = seconds(programmed);
          dump[round] = seconds(dumped);
        }
      }
      settle();
      if (round >= 0) {
        try (NetworkNamespace namespace = NetworkNamespace.enter()) {
          long start = System.nanoTime();
          NetworkNamespace.run("sh", "-c", "ipvsadm -R < " + rules);
          restore[round] = seconds(System.nanoTime() - start);
          String printed = NetworkNamespace.run("ipvsadm", "-Sn");
          check(sorted(printed.lines().toList()).equals(expected), "ipvsadm -Sn differs");
        }
        settle();
      }
    }
    System.out.println("1,000 services of 10 servers, 11,000 operations, empty to full; median");
    row("  portal", operations / median(program), "ops/s");
    row("  ipvsadm -R", operations / median(restore), "ops/s");
    row("  ratio", median(restore) / median(program), "x (must be 150 or more)");
    row("  portal observe", median(dump) * 1000, "ms");
    row("  ipvsadm -Sn", median(judgeDump) * 1000, "ms");
    row("  ratio", median(judgeDump) / median(dump), "x");
    System.out.println("  held against ipvsadm -Sn: equal, each round");
  }

  private static void reconcile() throws Exception {
    List<Service> services = BenchServices.make(10_000, 10);
    List<String> expected = sorted(BenchServices.ipvsadm(services));
    double[] filled = new double[ROUNDS];
    double[] unchanged = new double[ROUNDS];
    for (int round = -3; round < ROUNDS; round++) {
      try (NetworkNamespace namespace = NetworkNamespace.enter();
          IpvsBalancer balancer = IpvsBalancer.open();
          Portal portal = Portal.builder().store(new InMemoryStore()).balancer(balancer).start()) {
        System.gc();
        long start = System.nanoTime();
        portal.services().setAll(services);
        long full = System.nanoTime() - start;
        long sent = balancer.changesSent();
        start = System.nanoTime();
        portal.reconcile();
        long same = System.nanoTime() - start;
        check(sent == 110_000, "changes sent: " + sent);
        check(balancer.changesSent() == sent, "the second pass changed something");
        if (round >= 0) {
          filled[round] = seconds(full);
          unchanged[round] = seconds(same);
        }
        if (round == ROUNDS - 1) {
          List<String> printed = sorted(NetworkNamespace.run("ipvsadm", "-Sn").lines().toList());
          check(printed.equals(expected), "ipvsadm -Sn differs");
        }
      }
      settle();
    }
    System.out.println("10,000 services of 10 servers through the facade; median");
    row("  reconciled from empty", median(filled), "s (must be below 1)");
    row("  found unchanged", median(unchanged), "s (must be below 1)");
    System.out.println("  held against ipvsadm -Sn: equal");
  }

  private static void addOne() throws Exception {
    addOneAmong(10); // warms up
    double few = addOneAmong(10);
    double many = addOneAmong(100_000);
    System.out.println("one server added to a service through the facade; median of 300");
    row("  10 services there", few * 1e6, "us");
    row("  100,000 services there", many * 1e6, "us");
    row("  ratio", many / few, "x (must be below 1.5)");
  }

  private static double addOneAmong(int count) throws Exception {
    List<Service> services = BenchServices.make(count, 1);
    try (NetworkNamespace namespace = NetworkNamespace.enter();
        IpvsBalancer balancer = IpvsBalancer.open();
        Portal portal =
            Portal.builder()
                .store(new InMemoryStore())
                .balancer(balancer)
                .interval(Duration.ofHours(1))
                .start()) {
      portal.services().setAll(services);
      System.gc();
      double[] times = new double[600];
      for (int i = 0; i < times.length; i++) {
        ServiceId id = services.get(i * 7919 % count).id();
        long start = System.nanoTime();
        portal.services().addServer(id, BenchServices.server(i + 1));
        times[i] = seconds(System.nanoTime() - start);
      }
      check(balancer.changesSent() == 2L * count + times.length, "changes sent");
      return median(Arrays.copyOfRange(times, times.length / 2, times.length));
    }
  }

  /** The one CPU is to be done with taking the last namespace down. */
  private static void settle() throws InterruptedException {
    Thread.sleep(500);
  }

  private static List<String> sorted(List<String> lines) {
    List<String> copy = new ArrayList<>(lines);
    copy.replaceAll(String::strip);
    Collections.sort(copy);
    return copy;
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void row(String name, double value, String unit) {
    System.out.printf("%-28s %,14.2f %s%n", name, value, unit);
  }

  private static void check(boolean holds, String problem) {
    if (!holds) {
      throw new IllegalStateException(problem);
    }
  }
}
