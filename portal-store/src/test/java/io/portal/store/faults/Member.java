package io.portal.store.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.Service;
import io.portal.core.state.DesiredState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A {@link MemberProcess} as its test sees it, and what it may have stored. */
final class Member {

  private final int number;
  private final String url;
  private final Path directory;
  private final Map<Integer, Set<Integer>> possible = new HashMap<>();
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private Process process;
  private PrintStream commands;
  private Thread reader;
  private int acknowledged;
  private int refused;
  private String lastRefusal = "";

  Member(int number, String url, Path directory) {
    this.number = number;
    this.url = url;
    this.directory = directory;
  }

  void start() throws Exception {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-Dportal.test.log=" + System.getProperty("portal.test.log", "OFF"),
                "-Dportal.dead-after=" + MemberProcess.DEAD_AFTER.toSeconds(),
                "-cp",
                System.getProperty("java.class.path"),
                MemberProcess.class.getName(),
                "" + number,
                url,
                directory.toString())
            .redirectErrorStream(true)
            .start();
    commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    answers.clear();
    Process started = process;
    reader = new Thread(() -> read(started), "member" + number);
    reader.setDaemon(true);
    reader.start();
    assertThat(answer("started")).isNotNull();
  }

  private void read(Process from) {
    try (BufferedReader lines = from.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("| ")) {
          heard(line.substring(2));
        } else if (!System.getProperty("portal.test.log", "OFF").equals("OFF")) {
          System.out.println(number + " " + line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void heard(String line) {
    String[] words = line.split(" ");
    switch (words[0]) {
      case "try" ->
          possible
              .computeIfAbsent(Integer.parseInt(words[1]), k -> new HashSet<>(Set.of(0)))
              .add(Integer.parseInt(words[2]));
      case "ok" -> {
        acknowledged++;
        possible.put(Integer.parseInt(words[1]), new HashSet<>(Set.of(Integer.parseInt(words[2]))));
      }
      case "no" -> {
        refused++;
        lastRefusal = line;
      }
      default -> answers.add(line);
    }
  }

  void say(String command) {
    commands.println(command);
  }

  /** The next answer that starts so; null if there is none within five minutes. */
  String answer(String start) throws InterruptedException {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(300);
    while (System.nanoTime() < limit) {
      String answer = answers.poll(1, TimeUnit.SECONDS);
      if (answer != null && answer.startsWith(start)) {
        return answer;
      }
    }
    return null;
  }

  void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
  }

  /** Kills it, and waits until all it said was heard. */
  void kill() throws Exception {
    process.toHandle().destroyForcibly();
    process.waitFor();
    reader.join(10_000);
  }

  void stop() throws Exception {
    if (process != null) {
      signal("CONT");
      kill();
    }
  }

  synchronized int acknowledged() {
    return acknowledged;
  }

  synchronized String summary() {
    return "member"
        + number
        + ": "
        + acknowledged
        + " acknowledged, "
        + refused
        + " refused"
        + (refused > 0 ? ", last: " + lastRefusal : "");
  }

  /** Whether the state holds each service as it was last acknowledged, or as was tried since. */
  synchronized void check(DesiredState state) {
    possible.forEach(
        (key, marks) -> {
          Service service = state.services().get(MemberProcess.service(key, 1).id());
          int mark = service == null ? 0 : (int) service.settings().persistence().toSeconds();
          assertThat(marks).as("member %d, service %d", number, key).contains(mark);
        });
  }
}
