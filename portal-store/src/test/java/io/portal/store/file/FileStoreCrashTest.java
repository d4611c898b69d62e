package io.portal.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.model.Cert;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.StoreException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A crash after each step and at each byte leaves the old state or the new one, whole. */
class FileStoreCrashTest {

  @TempDir Path temp;

  private static final StateChange FIRST =
      new StateChange.Builder()
          .put(FileStoreTest.service(1, 2))
          .put(FileStoreTest.service(2, 2))
          .put(new Cert("A CERT", "A KEY"))
          .build();

  private static final StateChange SECOND =
      new StateChange.Builder()
          .put(FileStoreTest.service(1, 1))
          .remove(FileStoreTest.service(2, 1).id())
          .put(FileStoreTest.service(3, 1))
          .put(new Route(new RouteId("", "a.b", "/"), List.of(), "", "p", HealthCheck.NONE))
          .put(new Cert("A CERT", "ANOTHER KEY"))
          .pages(new ErrorPages("a", "b"))
          .build();

  private static final DesiredState OLD = DesiredState.EMPTY.with(FIRST);
  private static final DesiredState NEW = OLD.with(SECOND);

  private static DesiredState reopened(Path directory) throws StoreException {
    try (FileStore store = FileStore.open(directory)) {
      return store.load();
    }
  }

  private static void oldState(Path directory) throws StoreException {
    try (FileStore store = FileStore.open(directory)) {
      store.commit(store.load(), FIRST);
    }
  }

  @Test
  void afterAnyStep() throws Exception {
    boolean finished = false;
    int crashes = 0;
    for (int steps = 0; !finished; steps++) {
      Path directory = temp.resolve("step" + steps);
      oldState(directory);
      CrashingDisk disk = new CrashingDisk(steps);
      boolean acknowledged = false;
      FileStore store = null;
      try {
        store = FileStore.open(directory, disk);
        acknowledged = store.commit(store.load(), SECOND).equals(NEW);
        store.close();
      } catch (StoreException crashed) {
        assertThat(acknowledged).isFalse();
      } finally {
        if (store != null) {
          store.abandon();
        }
      }
      finished = !disk.crashed();
      crashes += disk.crashed() ? 1 : 0;
      DesiredState state = reopened(directory);
      assertThat(state).isIn(acknowledged ? List.of(NEW) : List.of(OLD, NEW));
    }
    assertThat(crashes).isGreaterThan(20);
  }

  @Test
  void whileAnInterruptedCommitIsDoneAgain() throws Exception {
    boolean finished = false;
    for (int steps = 0; !finished; steps++) {
      Path directory = temp.resolve("redo" + steps);
      oldState(directory);
      FileStore store = FileStore.open(directory);
      store.commit(store.load(), SECOND);
      store.abandon();
      CrashingDisk disk = new CrashingDisk(steps);
      try {
        FileStore.open(directory, disk).abandon();
      } catch (StoreException crashed) {
        assertThat(disk.crashed()).isTrue();
      }
      finished = !disk.crashed();
      assertThat(reopened(directory)).isEqualTo(NEW);
    }
  }

  @Test
  void atAnyByteOfTheJournal() throws Exception {
    Path made = temp.resolve("made");
    oldState(made);
    FileStore store = FileStore.open(made);
    store.commit(store.load(), SECOND);
    store.abandon();
    byte[] journal = Files.readAllBytes(made.resolve("journal"));

    for (int length = 0; length <= journal.length; length++) {
      Path directory = temp.resolve("byte" + length);
      oldState(directory);
      byte[] torn = Arrays.copyOf(journal, length);
      Files.write(directory.resolve("journal"), torn);
      assertThat(reopened(directory)).isEqualTo(length == journal.length ? NEW : OLD);
      // The last bytes are zeros, so the last lengths would be whole again.
      if (length % 5 == 1 && length < journal.length - 5) {
        // As when the file has its new length, but not yet all of its blocks.
        Files.write(directory.resolve("journal"), Arrays.copyOf(torn, journal.length));
        assertThat(reopened(directory)).isEqualTo(OLD);
      }
      delete(directory);
    }
  }

  @Test
  void damageBeforeACommitIsNotTakenForACrash() throws Exception {
    oldState(temp);
    FileStore store = FileStore.open(temp);
    DesiredState state = store.load();
    for (int i = 10; i < 13; i++) {
      StateChange change = new StateChange.Builder().put(FileStoreTest.service(i, 1)).build();
      state = store.commit(state, change);
    }
    store.abandon();
    try (RandomAccessFile file = new RandomAccessFile(temp.resolve("journal").toFile(), "rw")) {
      file.seek(20);
      file.write('?');
    }

    assertThatThrownBy(() -> FileStore.open(temp))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("read " + temp.resolve("journal") + ": damaged at byte 0: ")
        .hasMessageEndingWith("start with --set-aside-damaged to go on with the rest");
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** A disk that does so many steps and then none any more. */
  private static final class CrashingDisk extends Disk {

    private final int steps;
    private int done;

    CrashingDisk(int steps) {
      this.steps = steps;
    }

    boolean crashed() {
      return done > steps;
    }

    @Override
    void step(String operation, Path path) throws IOException {
      if (done++ >= steps) {
        throw new IOException("crashed before " + operation + " " + path);
      }
    }
  }
}
