package io.portal.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.Scale;
import io.portal.core.model.Service;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that commits without a pause is killed at many random moments. */
class FileStoreKillIT {

  private static final int KILLS = Scale.of(60, 200);
  private static final int SERVICES = 40;
  private static final int MOST_COMMITS = 100_000;
  private static final String ACK = "revision ";

  @TempDir Path directory;

  /**
   * The state that a revision must be, all of it: every revision replaces a random part of the
   * services, and marks each service of that part with the revision.
   */
  private static StateChange change(long revision) {
    Random random = new Random(revision);
    StateChange.Builder change = new StateChange.Builder();
    int size = random.nextInt(10) == 0 ? SERVICES : 1 + random.nextInt(3);
    for (int i = 0; i < size; i++) {
      Service service = FileStoreTest.service(1 + random.nextInt(SERVICES), random.nextInt(4));
      if (random.nextInt(4) == 0) {
        change.remove(service.id());
      } else {
        change.put(service);
      }
    }
    return change.build();
  }

  /** The child: commits until it is killed, and prints each revision that was acknowledged. */
  static final class Writer {
    public static void main(String[] args) throws Exception {
      try (FileStore store = FileStore.open(Path.of(args[0]))) {
        DesiredState state = store.load();
        System.out.println(ACK + state.revision());
        for (int i = 0; i < MOST_COMMITS; i++) {
          state = store.commit(state, change(state.revision() + 1));
          System.out.println(ACK + state.revision());
        }
      }
    }
  }

  @Test
  void losesNothingAcknowledgedAndLeavesNothingHalf() throws Exception {
    Random random = new Random();
    DesiredState expected = DesiredState.EMPTY;
    for (int kill = 0; kill < KILLS; kill++) {
      Process child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Writer.class.getName(),
                  directory.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      long acknowledged = 0;
      long killAt = Long.MAX_VALUE;
      try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (!line.startsWith(ACK)) {
            continue;
          }
          acknowledged = Long.parseLong(line.substring(ACK.length()));
          if (killAt == Long.MAX_VALUE) {
            killAt = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(random.nextInt(150_000));
          } else if (System.nanoTime() >= killAt) {
            child.toHandle().destroyForcibly();
          }
        }
      } finally {
        child.toHandle().destroyForcibly();
      }
      child.waitFor();
      assertThat(child.exitValue()).isEqualTo(137);

      try (FileStore store = FileStore.open(directory)) {
        DesiredState state = store.load();
        assertThat(state.revision()).isIn(List.of(acknowledged, acknowledged + 1));
        while (expected.revision() < state.revision()) {
          expected = expected.with(change(expected.revision() + 1));
        }
        assertThat(state).isEqualTo(expected);
      }
    }
    System.out.printf("%d kills, %d commits acknowledged, none lost%n", KILLS, expected.revision());
  }
}
