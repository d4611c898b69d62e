package io.portal.store.file;

import com.google.common.collect.ListMultimap;
import io.portal.core.port.StaleStateException;
import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.RevisionedStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the desired state in a directory of JSON files. A commit is first written to a journal and
 * forced to disk as a whole, which is the moment it counts; then the files are changed. After a
 * crash the journal is done again, so a commit is there whole or not at all. One fsync a commit.
 *
 * <p>The directory is read once; what others change in its files while the store is open is not
 * seen. A commit counts only if the journal it was written to is in its place then: where the
 * directory was removed, moved or replaced commits are refused, and where it is there again, or an
 * empty one, the whole state is written anew ahead of the next commit.
 *
 * <p>All methods block on the disk. Thread-safe.
 */
public final class FileStore implements RevisionedStore {

  private static final Logger log = LoggerFactory.getLogger(FileStore.class);

  /** Bytes of journal after which the files are forced to disk and it starts anew. */
  private static final long JOURNAL_LIMIT = 64L << 20;

  private final Path root;
  private final Place place;
  private final StateFiles files;
  private final ListMultimap<String, String> oldNames;
  private Journal journal;
  private DesiredState current;
  private boolean filesBehind;
  private boolean closed;

  private FileStore(
      Path root,
      Place place,
      Journal journal,
      StateFiles files,
      StateReader reader,
      DesiredState current) {
    this.root = root;
    this.place = place;
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
    StateFiles files = new StateFiles(disk, root);
    try {
      Place place = Place.take(root, files);
      boolean opened = false;
      try {
        FileStore store = open(root, disk, place, files);
        opened = true;
        return store;
      } finally {
        if (!opened) {
          close(place, root);
        }
      }
    } catch (IOException e) {
      throw Reasons.failed("open", root, e);
    }
  }

  private static FileStore open(Path root, Disk disk, Place place, StateFiles files)
      throws IOException, StoreException {
    Journal journal = Journal.open(disk, root.resolve(Layout.JOURNAL));
    boolean opened = false;
    try {
      disk.force(root);
      if (journal.length() > 0) {
        journal.replay(files::apply);
        files.force();
        journal.clear();
      }
      StateReader reader = new StateReader(root);
      FileStore store = new FileStore(root, place, journal, files, reader, reader.read());
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
    beReachable();
    List<FileChange> changes = new ArrayList<>();
    List<FileChange> own = Layout.files(change, revision);
    for (FileChange file : own) {
      oldNames.get(file.name()).forEach(old -> changes.add(FileChange.remove(old)));
    }
    changes.addAll(own);
    journal.append(changes, this::checkReachable);
    current = base.with(change).withRevision(revision);
    own.forEach(file -> oldNames.removeAll(file.name()));
    changeFiles(changes);
    return current;
  }

  /** The first of what a commit relies on that is not as this store has left it. */
  private Optional<Path> lost() throws IOException {
    Optional<Path> lost = place.lost();
    return lost.isEmpty() && !journal.isThere() ? Optional.of(root.resolve(Layout.JOURNAL)) : lost;
  }

  private void checkReachable() throws IOException, StoreException {
    Optional<Path> lost = lost();
    if (lost.isPresent()) {
      throw new StoreUnavailableException(
          "write " + lost.get() + ": it was removed, replaced or changed during the write");
    }
  }

  private void beReachable() throws StoreException {
    try {
      Optional<Path> lost = lost();
      if (lost.isPresent()) {
        place.takeAgain(files);
        writeAnew(lost.get());
      }
    } catch (IOException e) {
      throw Reasons.unavailable("write", root, e);
    }
  }

  private void writeAnew(Path lost) throws IOException, StoreException {
    List<FileChange> own = Layout.files(current);
    Set<String> others = files.present();
    own.forEach(file -> others.remove(file.name()));
    List<FileChange> changes = new ArrayList<>();
    others.forEach(name -> changes.add(FileChange.remove(name)));
    changes.addAll(own);
    journal = journal.anew(changes);
    log.warn(
        "store: {} was removed, replaced or changed; the whole state, revision {}, is stored anew",
        lost,
        current.revision());
    oldNames.clear();
    filesBehind = false;
    changeFiles(changes);
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
    try {
      beReachable();
      if (journal.length() > 0) {
        settle();
      }
    } catch (StoreException e) {
      log.error(
          "store: revision {} could not be stored at the end: {}",
          current.revision(),
          e.getMessage());
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
    close(place, root);
  }

  private static void close(Place place, Path root) {
    try {
      place.close();
    } catch (IOException e) {
      log.warn("store: {}", Reasons.failed("unlock", root, e).getMessage());
    }
  }
}
