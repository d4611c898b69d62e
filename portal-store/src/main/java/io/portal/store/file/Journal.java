package io.portal.store.file;

import io.portal.core.port.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The file in which a commit stands whole before the first other file is touched; {@link
 * JournalFrames} says how. It is locked as long as it is open. Used by one thread at a time.
 */
final class Journal implements AutoCloseable {

  private static final int BUFFER = 1 << 20;

  /** What a new journal is called until it is whole; a leftover one is of no use. */
  private static final String ASIDE = ".part";

  private final Disk disk;
  private final Path path;
  private final FileChannel channel;
  private final String identity;
  private long length;
  private long sequence;
  private boolean broken;

  private Journal(Disk disk, Path path, FileChannel channel, String identity) {
    this.disk = disk;
    this.path = path;
    this.channel = channel;
    this.identity = identity;
  }

  /**
   * Opens the journal, and cuts off what was never committed.
   *
   * @param stored what the files say of themselves
   * @throws JournalReader.DamagedException if it is not what portal has left, or less than that
   */
  static Journal open(Disk disk, Path path, StoredRevision stored)
      throws IOException, JournalReader.DamagedException {
    Files.deleteIfExists(aside(path));
    FileChannel channel = open(path, StandardOpenOption.CREATE);
    boolean opened = false;
    try {
      lock(channel);
      JournalReader.Contents contents = new JournalReader(channel).read();
      check(contents, stored);
      Journal journal = new Journal(disk, path, channel, Disk.identity(path));
      journal.length = contents.length();
      journal.sequence = Math.max(stored.sequence(), contents.last());
      disk.truncate(path, channel, journal.length);
      disk.force(path, channel);
      opened = true;
      return journal;
    } finally {
      if (!opened) {
        channel.close();
      }
    }
  }

  /** The files follow the journal, so they are never newer than it, nor is there a gap. */
  private static void check(JournalReader.Contents contents, StoredRevision stored)
      throws JournalReader.DamagedException {
    if (contents.length() == 0) {
      return;
    }
    if (contents.last() == 0
        ? stored.revision() > contents.revision()
        : stored.sequence() > contents.last()) {
      throw new JournalReader.DamagedException(
          "cut off or damaged at byte "
              + contents.length()
              + ": it ends with revision "
              + contents.revision()
              + ", and the files are of revision "
              + stored.revision());
    }
    if (stored.sequence() > 0
        && contents.first() > stored.sequence() + 1
        && !contents.firstIsAll()) {
      throw new JournalReader.DamagedException(
          "its beginning is missing: it starts with commit "
              + contents.first()
              + ", and the files are of commit "
              + stored.sequence());
    }
  }

  private static void lock(FileChannel channel) throws IOException {
    if (channel.tryLock() == null) {
      throw new IOException("it is in use by another portal");
    }
  }

  /** Whether another process has the journal of that name open, which others would write to. */
  static boolean inUse(Path path) throws IOException {
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.tryLock() == null;
    } catch (NoSuchFileException none) {
      return false;
    }
  }

  private static FileChannel open(Path path, StandardOpenOption create) throws IOException {
    return FileChannel.open(
        path,
        Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, create),
        PosixFilePermissions.asFileAttribute(Disk.PRIVATE_FILE));
  }

  private static Path aside(Path path) {
    return path.resolveSibling(path.getFileName() + ASIDE);
  }

  /**
   * A new journal, in the place of this one or of what came into its place, with one commit in it.
   * It takes its place whole; this one is closed then.
   *
   * @throws StoreException if it could not be written; all is as it was
   */
  Journal anew(List<FileChange> changes) throws IOException, StoreException {
    Path aside = aside(path);
    disk.delete(aside);
    FileChannel opened = open(aside, StandardOpenOption.CREATE_NEW);
    boolean done = false;
    try {
      lock(opened);
      Journal journal = new Journal(disk, path, opened, Disk.identity(aside));
      journal.sequence = sequence;
      journal.append(changes, JournalFrames.END_OF_ALL, () -> {});
      disk.rename(aside, path);
      disk.force(path.resolveSibling(""));
      done = true;
      close();
      return journal;
    } finally {
      if (!done) {
        opened.close();
        Files.deleteIfExists(aside);
      }
    }
  }

  /** Whether what is appended here is found under the journal's name, and follows what is there. */
  boolean isThere() throws IOException {
    return !broken && channel.size() == length && isOwnFile();
  }

  /** Whether the journal's name is still that of the file that is open here. */
  boolean isOwnFile() throws IOException {
    return identity.equals(Disk.identity(path));
  }

  /** The number of the last commit; the next one's is one more. */
  long sequence() {
    return sequence;
  }

  /** Bytes of committed frames. */
  long length() {
    return length;
  }

  /** Objects to a commit that was written. */
  interface Check {
    void check() throws IOException, StoreException;
  }

  /**
   * Commits these changes: when this returns they are durable.
   *
   * @param check has the last word, when they are on disk
   * @throws StoreException if they could not be written; then they are not there
   */
  void append(List<FileChange> changes, Check check) throws StoreException {
    append(changes, JournalFrames.END, check);
  }

  private void append(List<FileChange> changes, int end, Check check) throws StoreException {
    long before = length;
    try {
      long appended = 0;
      JournalFrames frames = new JournalFrames();
      for (FileChange change : changes) {
        Supplier<byte[]> content = change.content();
        frames.file(change.name(), content == null ? null : content.get());
        if (frames.size() > BUFFER) {
          appended += flush(frames);
        }
      }
      frames.end(end, sequence + 1);
      appended += flush(frames);
      disk.force(path, channel);
      length += appended;
      check.check();
      sequence++;
    } catch (IOException e) {
      takeBack(before);
      throw Reasons.unavailable("write", path, e);
    } catch (StoreException e) {
      takeBack(before);
      throw e;
    }
  }

  private void takeBack(long before) {
    length = before;
    try {
      disk.truncate(path, channel, length);
      disk.force(path, channel);
    } catch (IOException e) {
      broken = true;
    }
  }

  private int flush(JournalFrames frames) throws IOException {
    byte[] bytes = frames.take();
    disk.append(path, channel, ByteBuffer.wrap(bytes));
    return bytes.length;
  }

  /** Hands over all that is committed. */
  void replay(JournalReader.Redo redo) throws IOException {
    new JournalReader(channel).replay(length, redo);
  }

  /** Forgets everything, once all files are durable. */
  void clear() throws IOException {
    disk.truncate(path, channel, 0);
    length = 0;
    disk.force(path, channel);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
