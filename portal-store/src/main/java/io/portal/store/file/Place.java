package io.portal.store.file;

import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The directories of a store, locked, and watched for being removed, moved or replaced: what is
 * written to open files then would not be found at the next start. Used by one thread at a time.
 */
final class Place implements AutoCloseable {

  /** Held open, because the inode of a directory that was removed may come back as another one. */
  private record Held(Path path, String identity, FileChannel channel) {

    static Held open(Path path) throws IOException {
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      return new Held(path, Disk.identity(path), channel);
    }

    boolean isThere() throws IOException {
      return identity.equals(Disk.identity(path));
    }
  }

  private final Path root;
  private DirectoryLock lock;
  private List<Held> directories = List.of();

  private Place(Path root, DirectoryLock lock) {
    this.root = root;
    this.lock = lock;
  }

  /**
   * Locks the directory and makes those in it.
   *
   * @throws StoreException if another portal has it
   */
  static Place take(Path root, StateFiles files) throws IOException, StoreException {
    Place place = new Place(root, DirectoryLock.take(root));
    boolean taken = false;
    try {
      place.refuseIfWrittenTo();
      files.prepare();
      place.hold();
      taken = true;
      return place;
    } finally {
      if (!taken) {
        place.close();
      }
    }
  }

  /** Somebody may have the directory whose lock file was removed. */
  private void refuseIfWrittenTo() throws IOException, StoreException {
    if (Journal.inUse(root.resolve(Layout.JOURNAL))) {
      throw new StoreException(
          root + " is in use by another portal, which has its journal open; its lock was removed");
    }
  }

  /** The first that is not what it was when it was taken; empty if all is well. */
  Optional<Path> lost() throws IOException {
    for (Held directory : directories) {
      if (!directory.isThere()) {
        return Optional.of(directory.path());
      }
    }
    return lock.isThere() ? Optional.empty() : Optional.of(root.resolve("lock"));
  }

  /**
   * Takes what is there by now. Another directory is taken only if it is empty: what state it may
   * hold is not this store's to overwrite.
   *
   * @param journal this store's own, which it has locked
   * @throws StoreUnavailableException if there is no directory, or one with a state of its own
   */
  void takeAgain(StateFiles files, Journal journal) throws IOException, StoreException {
    if (!Files.isDirectory(root)) {
      throw new StoreUnavailableException(
          "write "
              + root
              + ": the directory was removed or moved away; put it back, or make an empty one, in"
              + " which the next write stores the whole state");
    }
    if (!directories.get(0).isThere() && holdsState(files)) {
      throw new StoreUnavailableException(
          "write "
              + root
              + ": another directory, which holds a state of its own, is in its place; restart"
              + " portal to go on with that state, or put the old directory back, or an empty one,"
              + " in which the next write stores the whole state");
    }
    if (!lock.isThere()) {
      lock.close();
      lock = DirectoryLock.take(root);
    }
    if (!journal.isOwnFile()) {
      refuseIfWrittenTo();
    }
    files.prepare();
    hold();
  }

  private boolean holdsState(StateFiles files) throws IOException {
    Path journal = root.resolve(Layout.JOURNAL);
    return Files.exists(journal) && Files.size(journal) > 0 || !files.present().isEmpty();
  }

  private void hold() throws IOException {
    List<Held> found = new ArrayList<>();
    boolean done = false;
    try {
      found.add(Held.open(root));
      for (String name : Layout.DIRECTORIES) {
        found.add(Held.open(root.resolve(name)));
      }
      done = true;
    } finally {
      close(done ? directories : found);
    }
    directories = found;
  }

  private static void close(List<Held> directories) throws IOException {
    for (Held directory : directories) {
      directory.channel().close();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      close(directories);
    } finally {
      lock.close();
    }
  }
}
