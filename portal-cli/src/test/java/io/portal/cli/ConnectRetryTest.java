package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command that is typed while the daemon starts. Time passes only where a test says so. */
class ConnectRetryTest {

  @TempDir private Path directory;
  private final List<Duration> pauses = new ArrayList<>();
  private long now;

  private ConnectRetry within(Duration limit) {
    return new ConnectRetry(limit, () -> now, this::pass);
  }

  private void pass(Duration time) {
    pauses.add(time);
    now += time.toNanos();
  }

  private Settings settings(int port) {
    Map<String, String> environment =
        Map.of("PORTAL_API_PORT", Integer.toString(port), "PORTAL_WORK_DIR", directory.toString());
    return Settings.of(new Settings.Lookup(new Flags(), environment, Map.of()));
  }

  @Test
  void triesUntilTheTimeIsOver() {
    ConnectRetry retry = within(Duration.ofMillis(120));

    assertThat(retry.again()).isTrue();
    assertThat(retry.again()).isTrue();
    assertThat(retry.again()).isTrue();
    assertThat(retry.again()).isFalse();
    assertThat(pauses)
        .containsExactly(Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofMillis(20));
  }

  @Test
  void doesNotWaitUnasked() {
    assertThat(within(Duration.ZERO).again()).isFalse();
    assertThat(pauses).isEmpty();
  }

  /** The daemon writes its certificate, then listens; the client meets neither at first. */
  @Test
  void aDaemonThatStartsMeanwhileIsReachedAndTrusted() {
    int port = RecordingApi.freePort();
    List<RecordingApi> started = new ArrayList<>();
    ConnectRetry retry =
        new ConnectRetry(
            Duration.ofSeconds(1),
            () -> now,
            time -> {
              pass(time);
              if (pauses.size() == 2) {
                started.add(daemon(port));
              }
            });
    try {
      Answer answer = new Client(settings(port), retry).send("POST", "/services", "{}");

      assertThat(answer.status()).isEqualTo(200);
      assertThat(pauses).hasSize(2);
      assertThat(started.get(0).requests()).containsExactly("POST /services {}");
    } finally {
      started.forEach(RecordingApi::close);
    }
  }

  private RecordingApi daemon(int port) {
    try {
      Files.writeString(directory.resolve(Trust.OWN_CERTIFICATE), TestTls.certificate());
      return RecordingApi.on(port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void oneThatDoesNotStartIsToldOfInTheEnd() {
    Client client = new Client(settings(RecordingApi.freePort()), within(Duration.ofMillis(100)));

    assertThatThrownBy(() -> client.send("GET", "/vips", null))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("is the daemon running?");
    assertThat(pauses).hasSize(2);
  }

  @Test
  void theFlagAndItsVariable() {
    String port = "-P" + RecordingApi.freePort();

    assertThat(new CommandLine().run("show-vips", port, "--wait", "1ms").exit())
        .isEqualTo(Exit.UNREACHABLE);
    assertThat(new CommandLine().with("PORTAL_WAIT", "1ms").run("show-vips", port).exit())
        .isEqualTo(Exit.UNREACHABLE);
    assertThat(new CommandLine().run("show-vips", port, "--wait", "soon").err())
        .startsWith("portal: --wait: 'soon' is not a time such as 500ms, 5s or 1m\n");
    assertThat(new CommandLine().with("PORTAL_WAIT", "soon").run("show-vips", port).err())
        .startsWith("portal: PORTAL_WAIT: 'soon' is not a time such as 500ms, 5s or 1m\n");
  }
}
