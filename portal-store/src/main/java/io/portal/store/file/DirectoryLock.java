package io.portal.store.file;

import io.portal.core.port.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a directory for one store. The kernel lets go of the lock with the process; the file stays.
 * Where somebody removed the file, the lock on the journal still tells that the directory is used.
 */
final class DirectoryLock implements AutoCloseable {

  /**
   * Directories locked by this process. Asked first, because closing any file descriptor of a
   * locked file lets go of the whole process's POSIX lock on it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final Path file;
  private final FileChannel channel;
  private final String identity;

  private DirectoryLock(Path directory, Path file, FileChannel channel, String identity) {
    this.directory = directory;
    this.file = file;
    this.channel = channel;
    this.identity = identity;
  }

  /**
   * Locks a directory.
   *
   * @throws StoreException if it is locked, naming who has it
   */
  static DirectoryLock take(Path root) throws StoreException {
    Path file = root.resolve("lock");
    try {
      Path directory = root.toRealPath();
      if (!HELD.add(directory)) {
        throw inUse(root, String.valueOf(ProcessHandle.current().pid()));
      }
      try {
        return lock(root, directory, file);
      } catch (IOException | StoreException e) {
        HELD.remove(directory);
        throw e;
      }
    } catch (IOException e) {
      throw Reasons.failed("lock", file, e);
    }
  }

  private static DirectoryLock lock(Path root, Path directory, Path file)
      throws IOException, StoreException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    boolean locked = false;
    try {
      if (channel.tryLock() == null) {
        throw inUse(root, Files.readString(file).strip());
      }
      String pid = ProcessHandle.current().pid() + "\n";
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)));
      DirectoryLock lock = new DirectoryLock(directory, file, channel, Disk.identity(file));
      locked = true;
      return lock;
    } finally {
      if (!locked) {
        channel.close();
      }
    }
  }

  private static StoreException inUse(Path root, String pid) {
    return new StoreException(
        root + " is in use by another portal, process " + (pid.isEmpty() ? "unknown" : pid));
  }

  /** Whether what is locked is what others would find and try to lock. */
  boolean isThere() throws IOException {
    return channel.isOpen() && identity.equals(Disk.identity(file));
  }

  /** Lets go. A second call does nothing: another store may have the lock by then. */
  @Override
  public void close() throws IOException {
    if (!channel.isOpen()) {
      return;
    }
    try {
      channel.close();
    } finally {
      HELD.remove(directory);
    }
  }
}
