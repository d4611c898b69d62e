package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.Await;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGHUP, sent to a daemon that is a process of its own. */
class HangupTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path directory;

  private final HttpClient client = HttpClient.newHttpClient();
  private int port;

  @Test
  void theDaemonReadsItsLogLevelAgainAndLivesOn() throws Exception {
    Path file = directory.resolve("portal.yaml");
    Files.writeString(file, "log-level: INFO\n");
    Path log = directory.resolve("log");
    Process daemon = start(file, log);
    try {
      awaitLevel("info", log);
      for (String level : List.of("debug", "error", "trace")) {
        Files.writeString(file, "log-level: " + level + "\n");
        hangUp(daemon);
        awaitLevel(level, log);
      }
    } finally {
      daemon.destroy();
    }
    assertThat(daemon.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(daemon.exitValue()).isEqualTo(Exit.OK.code());
  }

  private Process start(Path file, Path log) throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    // A build under nohup hands on that SIGHUP is ignored, and a JVM leaves it so.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP"));
    command.addAll(
        Launcher.command(
            "--server",
            "--insecure",
            "--just-proxy",
            "--proxy-http=off",
            "--proxy-tls=off",
            "--api-port=" + port,
            "--db-connection=scribble://" + directory.resolve("db"),
            "--work-dir=" + directory,
            "--conf=" + file));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static void hangUp(Process daemon) throws Exception {
    Process kill = new ProcessBuilder("kill", "-HUP", Long.toString(daemon.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  private void awaitLevel(String level, Path log) throws Exception {
    String expected = "{\"level\":\"" + level + "\"}\n";
    Instant end = Instant.now().plus(LIMIT);
    for (String now = level(); !now.equals(expected); now = level()) {
      assertThat(Instant.now())
          .as("%s, not %s: %s", now, level, Files.readString(log))
          .isBefore(end);
      Await.pause();
    }
  }

  private String level() throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + "/log-level");
    try {
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    } catch (ConnectException notYet) {
      return "";
    }
  }
}
