package io.portal.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.Portal;
import io.portal.core.UnavailableException;
import io.portal.core.model.Cert;
import io.portal.core.model.ErrorPages;
import io.portal.core.port.InMemoryBalancer;
import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of commits when the directory, or a part of it, goes away under an open store. */
class FileStoreLostTest {

  @TempDir Path temp;
  private Path directory;
  private FileStore store;
  private DesiredState before;

  @BeforeEach
  void open() throws Exception {
    directory = temp.resolve("db");
    store = FileStore.open(directory);
    before = store.commit(store.load(), first());
  }

  @AfterEach
  void close() {
    store.abandon();
  }

  private static StateChange first() {
    return new StateChange.Builder()
        .put(FileStoreTest.service(1, 2))
        .put(FileStoreTest.service(2, 2))
        .put(new Cert("A CERT", "A KEY"))
        .pages(new ErrorPages("a", "b"))
        .build();
  }

  private static StateChange put(int service) {
    return new StateChange.Builder().put(FileStoreTest.service(service, 1)).build();
  }

  static void delete(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private void refuses(String reason) throws StoreException {
    assertThatThrownBy(() -> store.commit(before, put(3)))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("write " + directory)
        .hasMessageContaining(reason);
    assertThat(store.load()).isEqualTo(before);
  }

  /** Commits, and starts again as after a crash, so that only what is durable is there. */
  private void takesCommits() throws StoreException {
    DesiredState after = store.commit(before, put(3));
    after = store.commit(after, put(4));
    assertThat(after.services()).hasSize(4);
    store.abandon();
    assertThat(reopened()).isEqualTo(after);
  }

  /** Starts again with all in the files, so that the journal holds just what comes now. */
  private void settle() throws StoreException {
    store.close();
    store = FileStore.open(directory);
  }

  /** Commits, and finds the whole state in the journal, which is all that is forced to disk. */
  private void writesAllAnew() throws Exception {
    DesiredState after = store.commit(before, put(3));
    Path journalAlone = Files.createDirectory(temp.resolve("journal-alone"));
    Files.copy(directory.resolve("journal"), journalAlone.resolve("journal"));
    try (FileStore again = FileStore.open(journalAlone)) {
      assertThat(again.load()).isEqualTo(after);
    }
    before = after;
    after = store.commit(before, put(4));
    store.abandon();
    assertThat(reopened()).isEqualTo(after);
  }

  private DesiredState reopened() throws StoreException {
    try (FileStore again = FileStore.open(directory)) {
      return again.load();
    }
  }

  @Test
  void aRemovedDirectoryTakesNoCommitUntilThereIsAnEmptyOne() throws Exception {
    delete(directory);
    refuses("the directory was removed or moved away; put it back, or make an empty one");
    refuses("the directory was removed or moved away");
    Files.createDirectory(directory);
    takesCommits();
  }

  @Test
  void aWriteThatIsNotStoredIsNotMadeReal() throws Exception {
    InMemoryBalancer balancer = new InMemoryBalancer();
    try (Portal portal = Portal.builder().store(store).balancer(balancer).start()) {
      delete(directory);
      assertThatThrownBy(() -> portal.services().add(FileStoreTest.service(3, 1)))
          .isInstanceOf(UnavailableException.class)
          .hasMessageStartingWith("store: write " + directory + ": the directory was removed");
      assertThat(portal.state()).isEqualTo(before);
      assertThat(balancer.observe()).hasSize(2);

      Files.createDirectory(directory);
      portal.services().add(FileStoreTest.service(3, 1));
      assertThat(balancer.observe()).hasSize(3);
    }
    assertThat(reopened().services()).hasSize(3);
  }

  @Test
  void aFileInItsPlaceIsNoDirectory() throws Exception {
    delete(directory);
    Files.createFile(directory);
    refuses("the directory was removed or moved away");
  }

  @Test
  void aDirectoryThatComesBackGoesOn() throws Exception {
    Path away = temp.resolve("away");
    Files.move(directory, away);
    refuses("the directory was removed or moved away");
    Files.move(away, directory);
    long journal = Files.size(directory.resolve("journal"));
    DesiredState after = store.commit(before, put(3));
    assertThat(Files.size(directory.resolve("journal")) - journal)
        .as("only the change was written")
        .isBetween(1L, 1000L);
    store.abandon();
    assertThat(reopened()).isEqualTo(after);
  }

  @Test
  void anotherStateInItsPlaceIsNotOverwritten() throws Exception {
    Files.move(directory, temp.resolve("away"));
    DesiredState other;
    Path elsewhere = temp.resolve("other");
    try (FileStore made = FileStore.open(elsewhere)) {
      other = made.commit(made.load(), put(9));
    }
    Files.move(elsewhere, directory);
    refuses("holds a state of its own, is in its place; restart portal to go on with that state");

    Files.move(directory, temp.resolve("restored"));
    try (FileStore restored = FileStore.open(temp.resolve("restored"))) {
      assertThat(restored.load()).isEqualTo(other);
    }
    Files.move(temp.resolve("away"), directory);
    takesCommits();
  }

  @Test
  void aJournalAloneIsAStateToo() throws Exception {
    Path journal = temp.resolve("journal");
    Files.copy(directory.resolve("journal"), journal);
    delete(directory);
    Files.createDirectory(directory);
    Files.move(journal, directory.resolve("journal"));
    refuses("holds a state of its own");
  }

  @ParameterizedTest
  @ValueSource(strings = {"journal", "lock", "services", "certs"})
  void whatIsRemovedIsWrittenAnew(String name) throws Exception {
    settle();
    delete(directory.resolve(name));
    writesAllAnew();
  }

  @Test
  void aDirectoryThatWasEmptiedIsWrittenAnew() throws Exception {
    settle();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        delete(file);
      }
    }
    writesAllAnew();
  }

  @Test
  void aDirectoryWithTheSameNameIsNotTheSame() throws Exception {
    settle();
    delete(directory.resolve("services"));
    Files.createDirectory(directory.resolve("services"));
    writesAllAnew();
  }

  @Test
  void aJournalThatSomebodyCutOffIsWrittenAnew() throws Exception {
    Files.write(directory.resolve("journal"), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
    writesAllAnew();
  }

  @Test
  void aJournalThatSomebodyWroteToIsWrittenAnew() throws Exception {
    settle();
    Files.write(directory.resolve("journal"), new byte[100], StandardOpenOption.APPEND);
    writesAllAnew();
  }

  @Test
  void aCopyOfTheJournalIsNotTheJournal() throws Exception {
    settle();
    Path journal = directory.resolve("journal");
    Files.copy(journal, temp.resolve("copy"));
    Files.delete(journal);
    Files.move(temp.resolve("copy"), journal);
    writesAllAnew();
  }

  @Test
  void theStateAnewLeavesNothingOfAnOlderOne() throws Exception {
    DesiredState later =
        store.commit(
            before,
            new StateChange.Builder()
                .remove(FileStoreTest.service(1, 1).id())
                .pages(ErrorPages.DEFAULT)
                .build());
    Path services = directory.resolve("services");
    Path leftOver = services.resolve("somebody-restored-it.json");
    Files.copy(services.resolve(FileStoreTest.service(2, 1).id() + ".json"), leftOver);
    Files.writeString(directory.resolve("errors.json"), "{\"NoRoutes\":\"x\"}");
    Files.delete(directory.resolve("journal"));

    DesiredState after = store.commit(later, put(5));

    assertThat(leftOver).doesNotExist();
    store.abandon();
    assertThat(reopened()).isEqualTo(after);
  }

  @Test
  void theStateIsStoredAtTheEndAtTheLatest() throws Exception {
    delete(directory);
    Files.createDirectory(directory);
    store.close();
    assertThat(reopened()).isEqualTo(before);
  }

  @Test
  void isClosedWithoutItsDirectory() throws Exception {
    delete(directory);
    store.close();
    assertThat(directory).doesNotExist();
  }

  @Test
  void whatIsRemovedDuringACommitUndoesIt() throws Exception {
    store.close();
    MeddledDisk disk = new MeddledDisk();
    store = FileStore.open(directory, disk);
    disk.atNext("append", () -> delete(directory));
    refuses("removed, replaced or changed during the write");
    refuses("the directory was removed or moved away");
    Files.createDirectory(directory);
    takesCommits();
  }

  @Test
  void whatIsMovedDuringACommitDoesNotHoldIt() throws Exception {
    store.close();
    MeddledDisk disk = new MeddledDisk();
    store = FileStore.open(directory, disk);
    disk.atNext("force", () -> Files.move(directory, temp.resolve("away")));
    refuses("removed, replaced or changed during the write");
    store.abandon();
    Files.move(temp.resolve("away"), directory);
    assertThat(reopened()).isEqualTo(before);
  }

  @Test
  void filesThatAreBehindAreWrittenAnewToo() throws Exception {
    store.close();
    MeddledDisk disk = new MeddledDisk();
    store = FileStore.open(directory, disk);
    disk.atNext(
        "rename",
        () -> {
          throw new IOException("No space left on device");
        });
    before = store.commit(before, put(7));
    Files.delete(directory.resolve("journal"));
    DesiredState after = store.commit(before, put(8));
    store.abandon();
    assertThat(reopened()).isEqualTo(after);
    assertThat(after.services()).hasSize(4);
  }

  /** A crash at any step of writing anew leaves a state that was acknowledged, in the files. */
  @Test
  void aCrashWhileTheStateIsWrittenAnewLosesNothing() throws Exception {
    boolean finished = false;
    int crashes = 0;
    for (int steps = 0; !finished; steps++) {
      store.abandon();
      directory = temp.resolve("step" + steps);
      MeddledDisk disk = new MeddledDisk();
      store = FileStore.open(directory, disk);
      before = store.commit(store.load(), first());
      Files.delete(directory.resolve("journal"));
      disk.crashAfter(steps);
      DesiredState after = before.with(put(3));
      boolean acknowledged = false;
      try {
        acknowledged = store.commit(before, put(3)).equals(after);
      } catch (StoreUnavailableException crashed) {
        assertThat(disk.crashed()).isTrue();
      }
      store.abandon();
      finished = !disk.crashed();
      crashes += disk.crashed() ? 1 : 0;
      assertThat(reopened()).isIn(acknowledged ? List.of(after) : List.of(before, after));
      assertThat(directory.resolve("journal.part")).doesNotExist();
    }
    assertThat(crashes).isGreaterThan(10);
  }

  /** The child: has the directory until its input ends. */
  static final class Other {
    public static void main(String[] args) throws Exception {
      try (FileStore store = FileStore.open(Path.of(args[0]))) {
        System.out.println("revision " + store.load().revision());
        while (System.in.read() >= 0) {
          // Its input says nothing but its end.
        }
      }
    }
  }

  @Test
  void anotherPortalMayHaveTakenTheNewDirectory() throws Exception {
    delete(directory);
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader lines = other.inputReader(StandardCharsets.UTF_8)) {
      assertThat(lines.readLine()).isEqualTo("revision 0");
      assertThatThrownBy(() -> store.commit(before, put(3)))
          .isInstanceOf(StoreException.class)
          .hasMessage(directory + " is in use by another portal, process " + other.pid());
      assertThat(store.load()).isEqualTo(before);
      other.getOutputStream().close();
      assertThat(other.waitFor()).isZero();
    } finally {
      other.destroyForcibly();
    }
    takesCommits();
  }

  /** A disk at one step of which something happens. */
  private static final class MeddledDisk extends Disk {

    private interface Happening {
      void happen() throws IOException;
    }

    private String at = "";
    private Happening happening = () -> {};
    private int stepsLeft = Integer.MAX_VALUE;

    void atNext(String operation, Happening what) {
      at = operation;
      happening = what;
    }

    void crashAfter(int steps) {
      stepsLeft = steps;
    }

    boolean crashed() {
      return stepsLeft < 0;
    }

    @Override
    void step(String operation, Path path) throws IOException {
      if (stepsLeft != Integer.MAX_VALUE && --stepsLeft < 0) {
        throw new NoSuchFileException(path.toString(), null, "crashed");
      }
      if (operation.equals(at)) {
        at = "";
        happening.happen();
      }
    }
  }
}
