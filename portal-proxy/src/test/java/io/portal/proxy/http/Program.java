package io.portal.proxy.http;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/** A client program of the distribution, with nothing of this machine's settings in its way. */
final class Program {

  private final Path file;
  private final Duration limit;
  private final Map<String, String> environment;

  private Program(Path file, Duration limit, Map<String, String> environment) {
    this.file = file;
    this.limit = limit;
    this.environment = environment;
  }

  /**
   * What a run printed.
   *
   * @param status the exit status
   * @param out standard output
   * @param err standard error
   */
  record Output(int status, String out, String err) {

    /** Standard output of a run that has to succeed. */
    String expectSuccess() {
      return status == 0 ? out : fail("exit status " + status + "\n" + err + out);
    }

    /** All it printed, for programs that are not particular about where. */
    String all() {
      return out + err;
    }
  }

  /** A program that must be there when {@code ./verify} runs, and may be absent otherwise. */
  static Program of(String name) {
    Path file = Path.of("/usr/bin", name);
    if (!Files.isExecutable(file)) {
      String reason = name + " is not installed";
      if ("1".equals(System.getenv("PORTAL_VERIFY"))) {
        fail(reason);
      }
      throw new TestAbortedException(reason);
    }
    return new Program(file, Duration.ofMinutes(1), Map.of());
  }

  /** The same, for runs that may take longer than a minute. */
  Program within(Duration time) {
    return new Program(file, time, environment);
  }

  /** The same, trusting what an authority signed; for clients that have no option for it. */
  Program trusting(Path certificate) {
    return new Program(file, limit, Map.of("SSL_CERT_FILE", certificate.toString()));
  }

  /** Starts it; its standard error joins its standard output. */
  Process start(String... arguments) throws IOException {
    return builder(List.of(arguments)).redirectErrorStream(true).start();
  }

  /** Runs it with nothing on its standard input. */
  Output run(String... arguments) throws Exception {
    return run("", List.of(arguments));
  }

  /**
   * Runs it to its end.
   *
   * @param input its standard input
   */
  Output run(String input, List<String> arguments) throws Exception {
    Process process = builder(arguments).start();
    try {
      CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> text(process, false));
      CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> text(process, true));
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // It ended without reading; its status says why.
      }
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        return fail(file + " " + arguments + " did not end\n" + out.get() + err.get());
      }
      return new Output(process.exitValue(), out.get(), err.get());
    } finally {
      process.destroyForcibly();
    }
  }

  private ProcessBuilder builder(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(file.toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "PATH", "/usr/bin:/bin:/usr/sbin:/sbin",
                "HOME", "/dev/null", // no directory, wherever this runs
                "TERM", "dumb",
                "LC_ALL", "C",
                // The distribution's own configuration keeps its clients from asking for TLS 1.1.
                "OPENSSL_CONF", "/dev/null"));
    builder.environment().putAll(environment);
    return builder;
  }

  private static String text(Process process, boolean err) {
    try (var in = err ? process.getErrorStream() : process.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
