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
import io.portal.store.OnDamage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damage is refused with words; an older state is never served in silence. */
@Timeout(120)
class FileStoreDamageTest {

  @TempDir Path temp;
  private Path directory;
  private DesiredState newest;
  private byte[] journal;

  /** A crash of a store with commits in its journal. */
  @BeforeEach
  void crash() throws Exception {
    directory = temp.resolve("db");
    try (FileStore store = FileStore.open(directory)) {
      store.commit(store.load(), change(1));
    }
    FileStore store = FileStore.open(directory);
    newest = store.load();
    for (int i = 2; i < 6; i++) {
      newest = store.commit(newest, change(i));
    }
    store.abandon();
    journal = Files.readAllBytes(directory.resolve("journal"));
  }

  private static StateChange change(int number) {
    return new StateChange.Builder()
        .put(FileStoreTest.service(number, 1))
        .put(FileStoreTest.service(100, number))
        .put(new Cert("A CERT", "KEY " + number))
        .put(new Route(new RouteId("", number + ".b", "/"), List.of(), "", "p", HealthCheck.NONE))
        .pages(new ErrorPages("" + number, ""))
        .build();
  }

  private DesiredState opened(Path place) throws StoreException {
    try (FileStore store = FileStore.open(place)) {
      return store.load();
    }
  }

  /** Opens a copy with that journal; asserts that it is the newest state or refused. */
  private boolean refused(String damage, byte[] damaged) throws IOException {
    Path copy = temp.resolve("copy");
    copy(directory, copy);
    Files.write(copy.resolve("journal"), damaged);
    try {
      assertThat(opened(copy)).as(damage).isEqualTo(newest);
      return false;
    } catch (StoreException refused) {
      assertThat(refused)
          .as(damage)
          .hasMessageStartingWith("read " + copy.resolve("journal") + ": ")
          .hasMessageContaining(" at byte ")
          .hasMessageEndingWith(Missing.WAY_OUT);
      assertThat(Files.readAllBytes(copy.resolve("journal"))).as(damage).isEqualTo(damaged);
      return true;
    } finally {
      FileStoreLostTest.delete(copy);
    }
  }

  @Test
  void cutOffAnywhere() throws Exception {
    int refusals = 0;
    for (int length = 0; length < journal.length; length += length < 200 ? 1 : 7) {
      refusals += refused("cut at " + length, Arrays.copyOf(journal, length)) ? 1 : 0;
    }
    assertThat(refusals).isPositive();
  }

  @Test
  void bitsTurnedAnywhere() throws Exception {
    for (int at = 0; at < journal.length; at += 5) {
      byte[] damaged = journal.clone();
      damaged[at] ^= (byte) (1 << at % 8);
      refused("bit at " + at, damaged);
    }
  }

  @Test
  void lengthsOfAllKinds() throws Exception {
    for (int frame : starts()) {
      for (int length : new int[] {0, -1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 20, 15}) {
        byte[] damaged = journal.clone();
        ByteBuffer.wrap(damaged).putInt(frame, length);
        refused("length " + length + " at " + frame, damaged);
      }
    }
  }

  @Test
  void zerosInPlaceOfAnyPart() throws Exception {
    for (int frame : starts()) {
      byte[] tail = journal.clone();
      Arrays.fill(tail, frame, tail.length, (byte) 0);
      refused("zeros from " + frame, tail);
      byte[] hole = journal.clone();
      Arrays.fill(hole, frame, Math.min(hole.length, frame + 512), (byte) 0);
      refused("hole at " + frame, hole);
      refused("zeros behind", Arrays.copyOf(journal, journal.length + frame));
    }
  }

  @Test
  void recordsSwappedDoubledOrGone() throws Exception {
    List<byte[]> frames = new ArrayList<>();
    List<Integer> starts = starts();
    for (int i = 0; i < starts.size(); i++) {
      int end = i + 1 < starts.size() ? starts.get(i + 1) : journal.length;
      frames.add(Arrays.copyOfRange(journal, starts.get(i), end));
    }
    for (int i = 0; i < frames.size(); i++) {
      int at = i;
      refused("without " + at, with(frames, list -> list.remove(at)));
      refused("doubled " + at, with(frames, list -> list.add(at, frames.get(at))));
      refused("again at the end " + at, with(frames, list -> list.add(frames.get(at))));
      for (int j = 0; j < i; j += 3) {
        int other = j;
        refused("swapped " + at + " " + j, with(frames, l -> Collections.swap(l, at, other)));
      }
    }
    refused("twice", with(frames, list -> list.addAll(frames)));
  }

  private static byte[] with(List<byte[]> frames, Consumer<List<byte[]>> change) {
    List<byte[]> changed = new ArrayList<>(frames);
    change.accept(changed);
    ByteBuffer all = ByteBuffer.allocate(changed.stream().mapToInt(f -> f.length).sum());
    changed.forEach(all::put);
    return all.array();
  }

  private List<Integer> starts() {
    List<Integer> starts = new ArrayList<>();
    for (int at = 0; at < journal.length; at += 8 + ByteBuffer.wrap(journal).getInt(at)) {
      starts.add(at);
    }
    return starts;
  }

  @Test
  void anOlderJournalDoesNotComeBack() throws Exception {
    opened(directory);

    assertThat(refused("an older journal", Arrays.copyOf(journal, starts().get(14)))).isTrue();
  }

  @Test
  void aDamagedJournalIsSetAsideWhenAsked() throws Exception {
    byte[] damaged = Arrays.copyOf(journal, journal.length / 2);
    Files.write(directory.resolve("journal"), damaged);

    try (FileStore store = FileStore.open(directory, OnDamage.SET_ASIDE)) {
      assertThat(store.load()).isEqualTo(newest);
      assertThat(store.problems()).containsKey("store: journal.set-aside");
      newest = store.commit(newest, change(9));
    }
    assertThat(Files.readAllBytes(directory.resolve("journal.set-aside"))).isEqualTo(damaged);
    assertThat(opened(directory)).isEqualTo(newest);
  }

  @ParameterizedTest
  @ValueSource(strings = {"services", "routes", "certs", "errors.json", "services/*"})
  void whatIsMissingIsNamed(String missing) throws Exception {
    opened(directory);
    Path gone = directory.resolve(missing.replace("/*", ""));
    if (missing.endsWith("*")) {
      try (Stream<Path> files = Files.list(gone)) {
        Files.delete(files.sorted().findFirst().orElseThrow());
      }
    } else {
      FileStoreLostTest.delete(gone);
    }

    assertThatThrownBy(() -> opened(directory))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(gone + ": ")
        .hasMessageContaining("belong to revision 5, there are ")
        .hasMessageEndingWith(Missing.WAY_OUT);

    DesiredState rest;
    try (FileStore store = FileStore.open(directory, OnDamage.SET_ASIDE)) {
      rest = store.load();
    }
    assertThat(opened(directory)).isEqualTo(rest);
  }

  @Test
  void aFileChangedByOthersIsStoredAnew() throws Exception {
    FileStore store = FileStore.open(directory);
    store.verify();
    List<Path> files = new ArrayList<>();
    for (String part : List.of("services", "routes", "certs")) {
      try (Stream<Path> some = Files.list(directory.resolve(part))) {
        files.add(some.sorted().findFirst().orElseThrow());
      }
    }
    Files.writeString(files.get(0), "{");
    Files.delete(files.get(1));
    Files.write(files.get(2), new byte[0]);
    newest = store.commit(store.load(), change(7));
    Files.writeString(directory.resolve("errors.json"), "x");

    store.verify();

    long length = Files.size(directory.resolve("journal"));
    store.verify();
    assertThat(Files.size(directory.resolve("journal"))).isEqualTo(length);
    store.close();
    assertThat(opened(directory)).isEqualTo(newest);
  }

  @Test
  void aSecondStoreIsRefusedThoughTheLockIsGone() throws Exception {
    try (FileStore store = FileStore.open(directory)) {
      Files.delete(directory.resolve("lock"));
      Process second =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  FileStoreLostTest.Other.class.getName(),
                  directory.toString())
              .redirectErrorStream(true)
              .start();
      second.getOutputStream().close();
      String said = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(second.waitFor()).isNotZero();
      assertThat(said).contains(" is in use by another portal").doesNotContain("revision ");
      newest = store.commit(store.load(), change(8));
    }
    assertThat(opened(directory)).isEqualTo(newest);
  }

  /** Written by the version before journals were numbered, which died before it ended. */
  @Test
  void readsTheDirectoryOfAnEarlierVersion() throws Exception {
    Path old = temp.resolve("old");
    copy(Path.of(FileStoreDamageTest.class.getResource("earlier").toURI()), old);

    DesiredState state = opened(old);

    assertThat(state.revision()).isEqualTo(4);
    assertThat(state.services().keySet().stream().map(Object::toString))
        .containsExactly("tcp-10_0_0_2-80", "tcp-10_0_0_3-80");
    assertThat(state.routes()).hasSize(1);
    assertThat(state.certs()).containsKey("A CERT");
    assertThat(state.vips()).hasSize(1);
    assertThat(state.pages()).isEqualTo(new ErrorPages("none", "sick"));
    try (FileStore store = FileStore.open(old)) {
      state = store.commit(store.load(), change(1));
    }
    assertThat(opened(old)).isEqualTo(state);
  }

  @Test
  void refusesADamagedJournalOfAnEarlierVersion() throws Exception {
    Path old = Path.of(FileStoreDamageTest.class.getResource("earlier").toURI());
    byte[] whole = Files.readAllBytes(old.resolve("journal"));
    Path copy = temp.resolve("old");
    for (int length = 0; length < whole.length; length += 3) {
      copy(old, copy);
      Files.write(copy.resolve("journal"), Arrays.copyOf(whole, length));
      try {
        assertThat(opened(copy).revision()).as("cut at " + length).isEqualTo(4);
      } catch (StoreException refused) {
        assertThat(refused).hasMessageEndingWith(Missing.WAY_OUT);
      }
      FileStoreLostTest.delete(copy);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      files.forEach(
          file -> {
            try {
              Files.copy(file, to.resolve(from.relativize(file).toString()));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
