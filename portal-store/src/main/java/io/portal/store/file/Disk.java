package io.portal.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Every step by which the store changes its directory, in one place. Before each of them {@link
 * #step} is called, so that a test can stop the store there.
 */
class Disk {

  static final Set<PosixFilePermission> PRIVATE_FILE = PosixFilePermissions.fromString("rw-------");
  static final Set<PosixFilePermission> PUBLIC_FILE = PosixFilePermissions.fromString("rw-r--r--");
  static final Set<PosixFilePermission> PRIVATE_DIRECTORY =
      PosixFilePermissions.fromString("rwx------");

  /** Device and inode of what has this name now; empty if nothing has. */
  static String identity(Path path) throws IOException {
    try {
      return String.valueOf(Files.readAttributes(path, BasicFileAttributes.class).fileKey());
    } catch (NoSuchFileException none) {
      return "";
    }
  }

  /** Called before each step; an exception stops it. */
  void step(String operation, Path path) throws IOException {}

  /** Writes a file aside and puts it in its place. Not durable before it is forced. */
  void replace(Path file, Path aside, byte[] content, Set<PosixFilePermission> permissions)
      throws IOException {
    step("write", aside);
    Files.deleteIfExists(aside);
    FileAttribute<?> attribute = PosixFilePermissions.asFileAttribute(permissions);
    try (FileChannel channel =
        FileChannel.open(
            aside, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), attribute)) {
      write(channel, ByteBuffer.wrap(content));
    }
    rename(aside, file);
  }

  /** Puts a file in the place of another one, if there is one. */
  void rename(Path aside, Path file) throws IOException {
    step("rename", file);
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes a file if it is there. */
  void delete(Path file) throws IOException {
    step("delete", file);
    Files.deleteIfExists(file);
  }

  /** Makes a file's content, or a directory's entries, durable; none is needed any more if gone. */
  void force(Path path) throws IOException {
    step("force", path);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (NoSuchFileException gone) {
      // It was removed by a later commit, and the directory's entry is forced by itself.
    }
  }

  /** Appends bytes to an open file. */
  void append(Path path, FileChannel channel, ByteBuffer bytes) throws IOException {
    step("append", path);
    write(channel, bytes);
  }

  /** Makes an open file's content durable. */
  void force(Path path, FileChannel channel) throws IOException {
    step("force", path);
    channel.force(true);
  }

  /** Cuts an open file off at that length; further bytes are appended there. */
  void truncate(Path path, FileChannel channel, long length) throws IOException {
    step("truncate", path);
    channel.truncate(length);
    channel.position(length);
  }

  private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
