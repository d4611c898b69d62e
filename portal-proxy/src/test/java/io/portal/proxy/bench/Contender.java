package io.portal.proxy.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** A proxy that runs as a process of its own, with one worker, until it is closed. */
final class Contender implements AutoCloseable {

  /** USER_HZ, in which /proc counts (proc(5)); 100 on every Linux there is. */
  private static final double TICKS = 100;

  private static final long START_SECONDS = 180;

  private final Setup setup;
  private final int http;
  private final int tls;
  private final Process process;
  private final Path output;

  private Contender(Setup setup, int http, int tls, Process process, Path output) {
    this.setup = setup;
    this.http = http;
    this.tls = tls;
    this.process = process;
    this.output = output;
  }

  /**
   * Starts one and waits until it serves.
   *
   * @param bare whether the other proxies leave out the headers that portal adds
   */
  static Contender start(
      Setup setup, Path directory, Certificates certificates, int backend, boolean bare)
      throws Exception {
    Path own =
        Files.createDirectory(
            directory.resolve(setup.software() + "-" + setup.routes() + "-" + setup.certs()));
    int http = freePort();
    int tls = freePort();
    List<String> command =
        switch (setup.software()) {
          case PORTAL -> PortalUnderTest.command(setup, http, tls, backend, certificates);
          case NGINX -> NginxConfigs.proxy(own, setup, http, tls, backend, certificates, bare);
          case HAPROXY -> HaProxyConfig.write(own, setup, http, tls, backend, certificates, bare);
        };
    return start(setup, http, tls, command, own.resolve("output"));
  }

  static Contender start(Setup setup, int http, int tls, List<String> command, Path output)
      throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    // As the daemon's launcher sets it.
    builder.environment().putIfAbsent("MALLOC_ARENA_MAX", "2");
    Contender contender = new Contender(setup, http, tls, builder.start(), output);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!answers(contender)) {
      if (!contender.process.isAlive() || System.nanoTime() > until) {
        contender.close();
        throw new IllegalStateException(
            command.get(0) + " did not start: " + Files.readString(output));
      }
      Thread.sleep(50);
    }
    return contender;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Whether the last of its routes is served; portal listens before it has routes. */
  private static boolean answers(Contender contender) {
    Setup setup = contender.setup;
    try {
      String head =
          ConnectionLoad.get(
              contender.http, Setup.host(setup.hosts() - 1), Setup.path(setup.paths() - 1));
      return head.startsWith("HTTP/1.1 200");
    } catch (IOException e) {
      return false;
    }
  }

  Setup setup() {
    return setup;
  }

  int http() {
    return http;
  }

  int tls() {
    return tls;
  }

  /** Seconds of processor time of all its threads and worker processes so far. */
  double cpuSeconds() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants())
            .mapToLong(handle -> ticks(handle.pid()))
            .sum()
        / TICKS;
  }

  private static long ticks(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
      // The second field is a name in parentheses, which may hold anything; utime and stime are
      // fields 14 and 15.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return LongStream.of(Long.parseLong(fields[11]), Long.parseLong(fields[12])).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    List<ProcessHandle> workers = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    workers.forEach(ProcessHandle::destroyForcibly);
    Files.deleteIfExists(output);
  }
}
