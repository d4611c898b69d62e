package io.portal.cli.kernel;

import io.portal.core.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The daemon and its command line, as processes in a namespace. */
final class DaemonProcess implements AutoCloseable {

  private static final String TOKEN = "e2e-token";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Namespace namespace;
  private final Path directory;
  private final Path log;
  private final List<String> more;
  private Process process;

  /**
   * A daemon that keeps its state in a directory.
   *
   * @param log where its output is added
   */
  DaemonProcess(Namespace namespace, Path directory, Path log) {
    this(namespace, directory, log, List.of());
  }

  /**
   * A daemon that keeps its state in a directory.
   *
   * @param log where its output is added
   * @param more flags of the daemon
   */
  DaemonProcess(Namespace namespace, Path directory, Path log, List<String> more) {
    this.more = more;
    this.namespace = namespace;
    this.directory = directory;
    this.log = log;
  }

  private String port() {
    return more.stream()
        .filter(flag -> flag.startsWith("--api-port="))
        .map(flag -> flag.substring("--api-port=".length()))
        .findFirst()
        .orElse("8443");
  }

  /** An answer of the API. */
  record Answer(int status, String body) {}

  private List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace.name()));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-Djava.io.tmpdir=/run/tmp"));
    if (Runtime.version().feature() >= 24) {
      command.addAll(
          List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.portal.cli.Main"));
    command.addAll(arguments);
    return command;
  }

  /** Starts it and returns when it is ready. */
  void start() throws Exception {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "--server",
                "--insecure",
                "--balancer=lvs",
                "--api-token=" + TOKEN,
                "--db-connection=scribble://" + directory,
                "--work-dir=" + directory,
                "--proxy-http=127.0.0.1:18080",
                "--proxy-tls=127.0.0.1:18443"));
    flags.addAll(more);
    ProcessBuilder builder = new ProcessBuilder(command(flags));
    builder.environment().put("PORTAL_RECONCILE_INTERVAL", "2s");
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    process = builder.start();
    await("the daemon is ready", () -> ask("GET", "/readyz", "").status() == 200);
  }

  /** Runs one of portal's commands; returns what it printed when it exits with 0. */
  String portal(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--insecure", "--api-token=" + TOKEN, "--api-port=" + port()));
    Process client = new ProcessBuilder(command(all)).redirectErrorStream(true).start();
    client.getOutputStream().close();
    String printed = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!client.waitFor(1, TimeUnit.MINUTES) || client.exitValue() != 0) {
      throw new IOException(String.join(" ", arguments) + ": " + printed);
    }
    return printed;
  }

  /** Asks the API. */
  Answer ask(String method, String path, String body) throws Exception {
    return namespace.in(
        () -> {
          HttpURLConnection connection =
              (HttpURLConnection)
                  URI.create("http://127.0.0.1:" + port() + path).toURL().openConnection();
          connection.setRequestMethod(method);
          connection.setRequestProperty("X-AUTH-TOKEN", TOKEN);
          connection.setConnectTimeout((int) LIMIT.toMillis());
          connection.setReadTimeout((int) LIMIT.toMillis());
          try {
            if (!body.isEmpty()) {
              connection.setDoOutput(true);
              connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            try (InputStream in =
                status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
              return new Answer(
                  status, in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
          } catch (ConnectException notYet) {
            return new Answer(0, "");
          }
        });
  }

  /** Replaces all services. */
  void services(String json) throws Exception {
    Answer answer = ask("PUT", "/services", json);
    if (answer.status() != 200) {
      throw new IOException("PUT /services: " + answer);
    }
  }

  /** A number that /readyz tells. */
  long told(String field) throws Exception {
    String body = ask("GET", "/readyz", "").body();
    Matcher found = Pattern.compile("\"" + field + "\":(\\d+)").matcher(body);
    if (!found.find()) {
      throw new IOException("no " + field + " in " + body);
    }
    return Long.parseLong(found.group(1));
  }

  /** Ends it as a power cut would. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** Waits until something holds; fails after a minute. */
  static void await(String what, Callable<Boolean> condition) throws Exception {
    Instant limit = Instant.now().plus(LIMIT);
    while (!condition.call()) {
      if (Instant.now().isAfter(limit)) {
        throw new AssertionError("not within " + LIMIT + ": " + what);
      }
      Await.pause();
    }
  }

  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      throw new IOException("the daemon does not stop");
    }
  }
}
