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
 */
final class DirectoryLock implements AutoCloseable {

  /**
   * Directories locked by this process. Asked first, because closing any file descriptor of a
   * locked file lets go of the whole process's POSIX lock on it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;

  private DirectoryLock(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
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
        return new DirectoryLock(directory, lock(root, file));
      } catch (IOException | StoreException e) {
        HELD.remove(directory);
        throw e;
      }
    } catch (IOException e) {
      throw Reasons.failed("lock", file, e);
    }
  }

  private static FileChannel lock(Path root, Path file) throws IOException, StoreException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    boolean locked = false;
    try {
      locked = channel.tryLock() != null;
      if (!locked) {
        throw inUse(root, Files.readString(file).strip());
      }
      String pid = ProcessHandle.current().pid() + "\n";
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)));
      return channel;
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

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      HELD.remove(directory);
    }
  }
}
