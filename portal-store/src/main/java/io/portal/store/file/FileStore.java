package io.portal.store.file;

import com.google.common.collect.ListMultimap;
import io.portal.core.port.StaleStateException;
import io.portal.core.port.StoreException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.RevisionedStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the desired state in a directory of JSON files. A commit is first written to a journal and
 * forced to disk as a whole, which is the moment it counts; then the files are changed. After a
 * crash the journal is done again, so a commit is there whole or not at all. One fsync a commit.
 *
 * <p>The directory is read once; what others change in it while the store is open is not seen. All
 * methods block on the disk. Thread-safe.
 */
public final class FileStore implements RevisionedStore {

  private static final Logger log = LoggerFactory.getLogger(FileStore.class);

  /** Bytes of journal after which the files are forced to disk and it starts anew. */
  private static final long JOURNAL_LIMIT = 64L << 20;

  private final Path root;
  private final DirectoryLock lock;
  private final Journal journal;
  private final StateFiles files;
  private final ListMultimap<String, String> oldNames;
  private DesiredState current;
  private boolean filesBehind;
  private boolean closed;

  private FileStore(
      Path root,
      DirectoryLock lock,
      Journal journal,
      StateFiles files,
      StateReader reader,
      DesiredState current) {
    this.root = root;
    this.lock = lock;
    this.journal = journal;
    this.files = files;
    this.oldNames = reader.oldNames();
    this.current = current;
  }

  /**
   * Opens the store in that directory, which is made if need be, and finishes what a crash has
   * interrupted.
   *
   * @throws StoreException if the directory cannot be used, another process uses it, or a file is
   *     damaged; the message names it
   */
  public static FileStore open(Path directory) throws StoreException {
    return open(directory, new Disk());
  }

  static FileStore open(Path directory, Disk disk) throws StoreException {
    Path root = directory.toAbsolutePath().normalize();
    try {
      Files.createDirectories(root, PosixFilePermissions.asFileAttribute(Disk.PRIVATE_DIRECTORY));
    } catch (IOException e) {
      throw Reasons.failed("create", root, e);
    }
    DirectoryLock lock = DirectoryLock.take(root);
    boolean opened = false;
    try {
      FileStore store = open(root, disk, lock);
      opened = true;
      return store;
    } catch (IOException e) {
      throw Reasons.failed("open", root, e);
    } finally {
      if (!opened) {
        close(lock, root);
      }
    }
  }

  private static FileStore open(Path root, Disk disk, DirectoryLock lock)
      throws IOException, StoreException {
    StateFiles files = new StateFiles(disk, root);
    files.prepare();
    Journal journal = Journal.open(disk, root.resolve("journal"));
    boolean opened = false;
    try {
      disk.force(root);
      if (journal.length() > 0) {
        journal.replay(files::apply);
        files.force();
        journal.clear();
      }
      StateReader reader = new StateReader(root);
      FileStore store = new FileStore(root, lock, journal, files, reader, reader.read());
      opened = true;
      return store;
    } finally {
      if (!opened) {
        journal.close();
      }
    }
  }

  @Override
  public synchronized DesiredState load() throws StoreException {
    checkOpen();
    return current;
  }

  @Override
  public DesiredState commit(DesiredState base, StateChange change) throws StoreException {
    return commit(base, change, base.revision() + 1);
  }

  @Override
  public synchronized DesiredState commit(DesiredState base, StateChange change, long revision)
      throws StoreException {
    checkOpen();
    if (base.revision() != current.revision()) {
      throw new StaleStateException(base.revision(), current.revision());
    }
    List<FileChange> changes = new ArrayList<>();
    List<FileChange> own = Layout.files(change, revision);
    for (FileChange file : own) {
      oldNames.get(file.name()).forEach(old -> changes.add(FileChange.remove(old)));
    }
    changes.addAll(own);
    journal.append(changes);
    current = base.with(change).withRevision(revision);
    own.forEach(file -> oldNames.removeAll(file.name()));
    changeFiles(changes);
    return current;
  }

  /** The commit counts already: what fails here is done again from the journal. */
  private void changeFiles(List<FileChange> changes) {
    try {
      files.apply(changes);
    } catch (IOException e) {
      filesBehind = true;
      log.warn(
          "store: the change is safe in the journal, but its files are behind: {}",
          Reasons.failed("write", root, e).getMessage());
    }
    if (journal.length() > JOURNAL_LIMIT) {
      settle();
    }
  }

  private void settle() {
    try {
      if (filesBehind) {
        journal.replay(files::apply);
        filesBehind = false;
      }
      files.force();
      journal.clear();
    } catch (IOException e) {
      log.warn(
          "store: the journal stays until the disk takes its files: {}",
          Reasons.failed("write", root, e).getMessage());
    }
  }

  private void checkOpen() throws StoreException {
    if (closed) {
      throw new StoreException(root + ": the store is closed");
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    if (journal.length() > 0) {
      settle();
    }
    abandon();
  }

  /** Lets go of everything as a crash would. */
  synchronized void abandon() {
    closed = true;
    try {
      journal.close();
    } catch (IOException e) {
      log.warn("store: {}", Reasons.failed("close", root, e).getMessage());
    }
    close(lock, root);
  }

  private static void close(DirectoryLock lock, Path root) {
    try {
      lock.close();
    } catch (IOException e) {
      log.warn("store: {}", Reasons.failed("unlock", root, e).getMessage());
    }
  }
}
