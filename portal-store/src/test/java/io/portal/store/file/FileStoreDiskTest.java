package io.portal.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.model.Cert;
import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.servers.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** File systems that are full, read-only or gone, mounted for real in a namespace of their own. */
class FileStoreDiskTest {

  @TempDir Path temp;

  /** What happens to a file system, told from within the namespace. */
  enum Story {
    FULL {
      @Override
      void tell(Path directory) throws Exception {
        mount(directory, "-t", "tmpfs", "-o", "size=512k", "portal");
        FileStore store = FileStore.open(directory);
        DesiredState state = store.commit(store.load(), cert(1));
        Path ballast = directory.resolve("ballast");
        Files.write(ballast, new byte[200 << 10]);
        state = commitUntilFull(store, state);

        Files.delete(directory.resolve("journal"));
        refuses(store, state, "No space left on device");
        assertThat(directory.resolve("journal.part")).doesNotExist();

        Files.delete(ballast);
        state = store.commit(state, cert(50));
        store.abandon();
        assertThat(reopened(directory)).isEqualTo(state);
      }
    },

    FULL_AT_A_CRASH {
      @Override
      void tell(Path directory) throws Exception {
        mount(directory, "-t", "tmpfs", "-o", "size=512k", "portal");
        FileStore store = FileStore.open(directory);
        Path ballast = directory.resolve("ballast");
        Files.write(ballast, new byte[100 << 10]);
        DesiredState state = commitUntilFull(store, store.load());
        store.abandon();
        try (FileStore again = FileStore.open(directory)) {
          assertThat(again.load()).isEqualTo(state);
        } catch (StoreException e) {
          assertThat(e).hasMessageContaining("No space left on device");
        }
        Files.delete(ballast);
        assertThat(reopened(directory)).isEqualTo(state);
      }
    },

    READ_ONLY {
      @Override
      void tell(Path directory) throws Exception {
        FileStore store = FileStore.open(directory);
        DesiredState state = store.commit(store.load(), cert(1));
        mount(directory, "--bind", directory.toString());
        mount(directory, "-o", "remount,bind,ro", directory.toString());
        // The journal is open: a commit is safe in it, though no other file can be written.
        state = store.commit(state, cert(2));
        store.abandon();
        assertThatThrownBy(() -> FileStore.open(directory))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining(directory.toString())
            .hasMessageContaining("Read-only file system");
        run("umount", directory.toString());
        assertThat(reopened(directory)).isEqualTo(state);
      }
    },

    READ_ONLY_WITHOUT_A_JOURNAL {
      @Override
      void tell(Path directory) throws Exception {
        FileStore store = FileStore.open(directory);
        DesiredState state = store.commit(store.load(), cert(1));
        Files.delete(directory.resolve("journal"));
        mount(directory, "--bind", directory.toString());
        mount(directory, "-o", "remount,bind,ro", directory.toString());
        refuses(store, state, "Read-only file system");
        mount(directory, "-o", "remount,bind,rw", directory.toString());
        state = store.commit(state, cert(2));
        store.abandon();
        assertThat(reopened(directory)).isEqualTo(state);
      }
    },

    UNMOUNTED {
      @Override
      void tell(Path directory) throws Exception {
        Path disk = Files.createDirectory(directory.resolveSibling("disk"));
        mount(disk, "-t", "tmpfs", "portal");
        Path db = disk.resolve("db");
        FileStore store = FileStore.open(db);
        DesiredState state = store.commit(store.load(), cert(1));
        run("umount", "--lazy", disk.toString());
        refuses(store, state, "the directory was removed or moved away");
        mount(disk, "-t", "tmpfs", "another");
        refuses(store, state, "the directory was removed or moved away");
        Files.createDirectory(db);
        state = store.commit(state, cert(2));
        store.abandon();
        assertThat(reopened(db)).isEqualTo(state);
      }
    };

    abstract void tell(Path directory) throws Exception;

    static DesiredState commitUntilFull(FileStore store, DesiredState from) throws Exception {
      DesiredState state = from;
      int committed = 0;
      for (int number = 2; number < 1000; number++) {
        try {
          state = store.commit(state, cert(number));
          committed++;
        } catch (StoreUnavailableException full) {
          assertThat(full).hasMessageContaining("journal: No space left on device");
          refuses(store, state, "No space left on device");
          assertThat(committed).isPositive();
          return state;
        }
      }
      throw new AssertionError("the file system was never full");
    }

    static void refuses(FileStore store, DesiredState state, String reason) throws Exception {
      assertThatThrownBy(() -> store.commit(state, cert(1000)))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageStartingWith("write ")
          .hasMessageContaining(reason);
      assertThat(store.load()).isEqualTo(state);
    }

    static StateChange cert(int number) {
      return new StateChange.Builder().put(new Cert("CERT " + number, "k".repeat(10_000))).build();
    }

    static DesiredState reopened(Path directory) throws StoreException {
      try (FileStore store = FileStore.open(directory)) {
        return store.load();
      }
    }

    static void mount(Path directory, String... how) throws Exception {
      Files.createDirectories(directory);
      List<String> command = new ArrayList<>(List.of("mount"));
      command.addAll(List.of(how));
      command.add(directory.toString());
      run(command.toArray(String[]::new));
    }

    static void run(String... command) throws IOException, InterruptedException {
      Process process = new ProcessBuilder(command).inheritIO().start();
      assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    }
  }

  /** The child, in the namespace. */
  static final class Teller {
    public static void main(String[] args) throws Exception {
      Story.valueOf(args[0]).tell(Path.of(args[1]));
      System.out.println("told to its end");
    }
  }

  @ParameterizedTest
  @EnumSource
  void losesNothingAcknowledged(Story story) throws Exception {
    Process teller =
        new ProcessBuilder(
                Programs.find("unshare").toString(),
                "--user",
                "--map-root-user",
                "--mount",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Teller.class.getName(),
                story.name(),
                temp.resolve("db").toString())
            .redirectErrorStream(true)
            .start();
    teller.getOutputStream().close();
    String told = new String(teller.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(teller.waitFor()).as(told).isZero();
    assertThat(told).endsWith("told to its end\n");
  }
}
