package io.portal.store.file;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ListMultimap;
import com.google.common.collect.Multimaps;
import io.portal.core.port.StaleStateException;
import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.OnDamage;
import io.portal.store.RevisionedStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
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

  /** Files that one call of {@link #verify} looks at, so that no pass takes long. */
  private static final int VERIFIED_AT_ONCE = 2_000;

  private final Path root;
  private final Place place;
  private final StateFiles files;
  private final ListMultimap<String, String> oldNames;
  private final Inventory inventory;
  private final SetAside aside;
  private Journal journal;
  private DesiredState current;
  private boolean filesBehind;
  private boolean closed;

  private FileStore(
      Path root,
      Place place,
      Journal journal,
      StateFiles files,
      SetAside aside,
      Inventory inventory,
      StateReader reader)
      throws StoreException {
    this.root = root;
    this.place = place;
    this.journal = journal;
    this.files = files;
    this.aside = aside;
    this.inventory = inventory;
    this.current = reader.read();
    this.oldNames = reader.oldNames();
  }

  /** As {@link #open(Path, OnDamage)}; refuses what is damaged. */
  public static FileStore open(Path directory) throws StoreException {
    return open(directory, OnDamage.REFUSE);
  }

  /**
   * Opens the store in that directory, which is made if need be, and finishes what a crash has
   * interrupted. A file whose values this version cannot take is set aside.
   *
   * @throws StoreException if the directory cannot be used, another process uses it, or a file is
   *     damaged or missing; the message names it
   */
  public static FileStore open(Path directory, OnDamage onDamage) throws StoreException {
    return open(directory, onDamage, new Disk());
  }

  static FileStore open(Path directory, Disk disk) throws StoreException {
    return open(directory, OnDamage.REFUSE, disk);
  }

  private static FileStore open(Path directory, OnDamage onDamage, Disk disk)
      throws StoreException {
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
        FileStore store = open(root, onDamage, disk, place, files);
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

  private static FileStore open(
      Path root, OnDamage onDamage, Disk disk, Place place, StateFiles files)
      throws IOException, StoreException {
    SetAside aside = new SetAside(disk, root);
    Journal journal = openJournal(root, onDamage, disk, aside);
    boolean opened = false;
    try {
      disk.force(root);
      if (journal.length() > 0) {
        journal.replay(files::apply);
        files.force();
        journal.clear();
      }
      Inventory inventory = new Inventory(root);
      StoredRevision stored = revision(root, onDamage, aside);
      StateReader reader = new StateReader(root, stored, aside, onDamage, inventory);
      FileStore store = new FileStore(root, place, journal, files, aside, inventory, reader);
      if (reader.changed() && !stored.files().isEmpty()) {
        store.journal.append(store.withRevision(List.of(), stored.revision()), () -> {});
        store.changeFiles(store.withRevision(List.of(), stored.revision()));
      }
      opened = true;
      return store;
    } finally {
      if (!opened) {
        journal.close();
      }
    }
  }

  private static Journal openJournal(Path root, OnDamage onDamage, Disk disk, SetAside aside)
      throws IOException, StoreException {
    Path path = root.resolve(Layout.JOURNAL);
    // The journal brings a damaged file of the revision back, if it is the newer one.
    StoredRevision stored =
        StoredRevision.read(root.resolve(Layout.REVISION)).orElse(StoredRevision.NONE);
    try {
      return Journal.open(disk, path, stored);
    } catch (JournalReader.DamagedException e) {
      if (onDamage == OnDamage.REFUSE) {
        throw new StoreException("read " + path + ": " + e.getMessage() + Missing.WAY_OUT);
      }
      aside.add(Layout.JOURNAL, String.valueOf(e.getMessage()));
    }
    try {
      return Journal.open(disk, path, stored);
    } catch (JournalReader.DamagedException e) {
      throw new StoreException("read " + path + ": " + e.getMessage(), e);
    }
  }

  private static StoredRevision revision(Path root, OnDamage onDamage, SetAside aside)
      throws IOException, StoreException {
    Path file = root.resolve(Layout.REVISION);
    Optional<StoredRevision> read = StoredRevision.read(file);
    if (read.isPresent()) {
      return read.get();
    }
    if (onDamage == OnDamage.REFUSE) {
      throw new StoreException(
          "read " + file + ": damaged: it must start with a number" + Missing.WAY_OUT);
    }
    aside.add(Layout.REVISION, "it must start with a number");
    return StoredRevision.NONE;
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
    List<FileChange> own = Layout.files(change);
    for (FileChange file : own) {
      oldNames.get(file.name()).forEach(old -> changes.add(FileChange.remove(old)));
    }
    changes.addAll(own);
    List<FileChange> all = withRevision(changes, revision);
    journal.append(all, this::checkReachable);
    inventory.changed(changes);
    current = base.with(change).withRevision(revision);
    own.forEach(file -> oldNames.removeAll(file.name()));
    changeFiles(all);
    return current;
  }

  /** These changes and, as the last of the commit, the revision and what belongs to it then. */
  private List<FileChange> withRevision(List<FileChange> changes, long revision) {
    List<FileChange> all = new ArrayList<>(changes);
    all.add(
        Layout.revision(
            new StoredRevision(revision, journal.sequence() + 1, inventory.totals(changes))));
    return all;
  }

  @Override
  public synchronized void verify() throws StoreException {
    checkOpen();
    try {
      if (filesBehind || lost().isPresent()) {
        return;
      }
      List<FileChange> changes = changedByOthers(inventory.suspects(VERIFIED_AT_ONCE));
      if (!changes.isEmpty()) {
        List<FileChange> all = withRevision(changes, current.revision());
        journal.append(all, this::checkReachable);
        inventory.changed(changes);
        changeFiles(all);
      }
    } catch (IOException e) {
      throw Reasons.unavailable("read", root, e);
    }
  }

  /** What puts those of these files right that do not hold what was stored. */
  private List<FileChange> changedByOthers(List<String> suspects) throws IOException {
    List<FileChange> changes = new ArrayList<>();
    if (suspects.isEmpty()) {
      return changes;
    }
    Map<String, FileChange> own = new HashMap<>();
    Layout.files(current).forEach(file -> own.put(file.name(), file));
    ListMultimap<String, String> newNames =
        Multimaps.invertFrom(oldNames, ArrayListMultimap.create());
    for (String name : suspects) {
      String newName = newNames.containsKey(name) ? newNames.get(name).get(0) : name;
      FileChange right = own.get(newName);
      Supplier<byte[]> content = right == null ? null : right.content();
      if (newName.equals(name) && content != null && files.holds(name, content.get())) {
        inventory.read(name);
        continue;
      }
      log.warn("store: {} is not as it was stored; it is stored anew", root.resolve(name));
      if (right == null || !newName.equals(name)) {
        changes.add(FileChange.remove(name));
      }
      if (right != null) {
        changes.add(right);
      }
      oldNames.removeAll(newName);
    }
    return changes;
  }

  @Override
  public Map<String, String> problems() {
    Map<String, String> problems = new TreeMap<>();
    aside
        .reasons()
        .forEach((name, reason) -> problems.put("store: " + name, "set aside: " + reason));
    return problems;
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
        place.takeAgain(files, journal);
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
    inventory.clear();
    List<FileChange> all = withRevision(changes, current.revision());
    try {
      journal = journal.anew(all);
    } finally {
      inventory.changed(changes);
    }
    log.warn(
        "store: {} was removed, replaced or changed; the whole state, revision {}, is stored anew",
        lost,
        current.revision());
    oldNames.clear();
    filesBehind = false;
    changeFiles(all);
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
