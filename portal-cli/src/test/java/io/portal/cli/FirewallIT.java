package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon with {@code firewall: nftables} behind an input policy of drop, asked from a
 * neighbouring network namespace.
 */
class FirewallIT {

  private static final Path LAUNCHER = Path.of("target/portal/bin/portal").toAbsolutePath();
  private static final String HOST = "10.231.7.1";
  private static final String TIMED_OUT = "28";

  private final String inside = "portal-fw-" + ProcessHandle.current().pid();
  private final String outside = inside + "-out";

  @TempDir private Path directory;

  @BeforeEach
  void namespaces() throws Exception {
    run("ip", "netns", "add", inside);
    run("ip", "netns", "add", outside);
    run(
        "ip", "-n", inside, "link", "add", "fw0", "type", "veth", "peer", "name", "fw1", "netns",
        outside);
    run("ip", "-n", inside, "link", "set", "lo", "up");
    run("ip", "-n", inside, "addr", "add", HOST + "/24", "dev", "fw0");
    run("ip", "-n", inside, "link", "set", "fw0", "up");
    run("ip", "-n", outside, "addr", "add", "10.231.7.2/24", "dev", "fw1");
    run("ip", "-n", outside, "link", "set", "fw1", "up");
    in(
        inside,
        "nft",
        "add table inet filter; add chain inet filter input "
            + "{ type filter hook input priority 0; policy drop; };"
            + "add rule inet filter input iif lo accept;"
            + "add rule inet filter input ct state established,related accept");
  }

  @AfterEach
  void remove() throws Exception {
    run("ip", "netns", "del", inside);
    run("ip", "netns", "del", outside);
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(String.join(" ", command) + ": " + output).isZero();
    return output;
  }

  private static String in(String namespace, String... command) throws Exception {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    all.addAll(List.of(command));
    return run(all.toArray(String[]::new));
  }

  private void portal(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(LAUNCHER.toString()));
    all.addAll(List.of("--insecure", "-P", "8443", "-t", "secret"));
    all.addAll(List.of(words));
    in(inside, all.toArray(String[]::new));
  }

  /** What is served at that port to the neighbour; curl's exit code if nothing is. */
  private String ask(int port) throws Exception {
    return in(
            outside,
            "sh",
            "-c",
            "curl -s --connect-timeout 1 http://" + HOST + ":" + port + "/ || echo $?")
        .strip();
  }

  @Test
  void letsTheServicesAndTheProxyInAndNothingElse() throws Exception {
    String before = in(inside, "nft", "list", "ruleset");
    Process daemon =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                inside,
                LAUNCHER.toString(),
                "--server",
                "--insecure",
                "--api-host",
                "0.0.0.0",
                "--api-port",
                "8443",
                "--api-token",
                "secret",
                "--balancer",
                "userspace",
                "--firewall",
                "nftables",
                "--clear-on-exit",
                "--proxy-http",
                "0.0.0.0:8081",
                "--proxy-tls",
                "off",
                "--db-connection",
                "scribble://" + directory.resolve("db"),
                "--work-dir",
                directory.resolve("work").toString(),
                "--reconcile-interval",
                "200ms")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    try {
      await(() -> in(inside, "sh", "-c", "curl -s http://127.0.0.1:8443/readyz || true"), "ready");
      portal("add-route", "-d", "10.231.7.1", "--page", "hello");
      portal("add-service", "-O", HOST, "-R", "9000");
      portal("add-server", "-O", HOST, "-R", "9000", "-o", "127.0.0.1", "-p", "8081", "-f", "m");
      assertThat(ask(8081)).isEqualTo("hello");
      assertThat(ask(9000)).isEqualTo("hello");
      // The API listens on all addresses, and nobody may reach it.
      assertThat(ask(8443)).isEqualTo(TIMED_OUT);
      in(
          inside,
          "sh",
          "-c",
          "nft delete rule inet filter input handle $(nft -a list chain inet filter input"
              + " | sed -n 's/.*comment \"portal\" # handle //p')");
      await(() -> ask(9000), "hello");
      in(inside, "nft", "delete table inet portal");
      await(() -> ask(9000), "hello");
      portal("remove-service", "-O", HOST, "-R", "9000");
      assertThat(ask(9000)).isEqualTo(TIMED_OUT);
    } finally {
      daemon.descendants().forEach(ProcessHandle::destroy);
      daemon.destroy();
      assertThat(daemon.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    await(() -> in(inside, "nft", "list", "ruleset"), before.strip());
  }

  private interface Question {
    String ask() throws Exception;
  }

  private static void await(Question question, String expected) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    String got;
    do {
      got = question.ask().strip();
    } while (!got.contains(expected) && System.nanoTime() < end);
    assertThat(got).contains(expected);
  }
}
