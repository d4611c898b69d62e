package io.portal.store.file;

import io.portal.core.port.StoreException;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * The file in which a commit stands whole before the first other file is touched. It is a row of
 * frames, each {@code length, CRC-32C, payload}; a commit is a frame for each file and one that
 * ends it. What follows the last such end was never committed. Used by one thread at a time.
 */
final class Journal implements AutoCloseable {

  private static final int PUT = 1;
  private static final int REMOVE = 2;
  private static final int END = 3;
  private static final int HEADER = 8;
  private static final int BUFFER = 1 << 20;

  /** What a new journal is called until it is whole; a leftover one is of no use. */
  private static final String ASIDE = ".part";

  private final Disk disk;
  private final Path path;
  private final FileChannel channel;
  private final String identity;
  private long length;
  private boolean broken;

  private Journal(Disk disk, Path path, FileChannel channel, String identity) {
    this.disk = disk;
    this.path = path;
    this.channel = channel;
    this.identity = identity;
  }

  /** Opens the journal, and cuts off what was never committed. */
  static Journal open(Disk disk, Path path) throws IOException, StoreException {
    Files.deleteIfExists(aside(path));
    FileChannel channel = open(path, StandardOpenOption.CREATE);
    boolean opened = false;
    try {
      Journal journal = new Journal(disk, path, channel, Disk.identity(path));
      journal.length = journal.committedLength();
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
      Journal journal = new Journal(disk, path, opened, Disk.identity(aside));
      journal.append(changes, () -> {});
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
    return !broken && channel.size() == length && identity.equals(Disk.identity(path));
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
    long before = length;
    try {
      long appended = 0;
      ByteArrayOutputStream buffer = new ByteArrayOutputStream();
      for (FileChange change : changes) {
        Supplier<byte[]> content = change.content();
        if (content == null) {
          frame(buffer, REMOVE, change.name(), new byte[0]);
        } else {
          frame(buffer, PUT, change.name(), content.get());
        }
        if (buffer.size() > BUFFER) {
          appended += flush(buffer);
        }
      }
      frame(buffer, END, "", new byte[0]);
      appended += flush(buffer);
      disk.force(path, channel);
      length += appended;
      check.check();
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

  private int flush(ByteArrayOutputStream buffer) throws IOException {
    int size = buffer.size();
    disk.append(path, channel, ByteBuffer.wrap(buffer.toByteArray()));
    buffer.reset();
    return size;
  }

  private static void frame(ByteArrayOutputStream out, int type, String name, byte[] content)
      throws IOException {
    ByteArrayOutputStream payload = new ByteArrayOutputStream(content.length + 64);
    DataOutputStream data = new DataOutputStream(payload);
    data.writeByte(type);
    data.writeUTF(name);
    data.write(content);
    byte[] bytes = payload.toByteArray();
    DataOutputStream framed = new DataOutputStream(out);
    framed.writeInt(bytes.length);
    framed.writeInt(checksum(bytes));
    framed.write(bytes);
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    return (int) crc.getValue();
  }

  /** Takes the changes of committed frames, in their order. */
  interface Redo {
    void apply(FileChange change) throws IOException;
  }

  /** Hands over all that is committed. */
  void replay(Redo redo) throws IOException {
    long left = length;
    try (DataInputStream in = input()) {
      while (left > 0) {
        byte[] payload = new byte[in.readInt()];
        in.readInt();
        in.readFully(payload);
        left -= HEADER + payload.length;
        DataInputStream data = new DataInputStream(new ByteArrayInputStream(payload));
        int type = data.readByte();
        String name = data.readUTF();
        byte[] content = data.readAllBytes();
        if (type == PUT) {
          redo.apply(FileChange.put(name, () -> content));
        } else if (type == REMOVE) {
          redo.apply(FileChange.remove(name));
        }
      }
    }
  }

  /** Forgets everything, once all files are durable. */
  void clear() throws IOException {
    disk.truncate(path, channel, 0);
    length = 0;
    disk.force(path, channel);
  }

  private DataInputStream input() throws IOException {
    return new DataInputStream(new BufferedInputStream(Files.newInputStream(path), BUFFER));
  }

  /**
   * Where the last commit ends. What is not whole must belong to the last commit, which was being
   * written when portal died, for none is written before the one ahead of it is durable. Anything
   * else is damage.
   */
  private long committedLength() throws IOException, StoreException {
    long size = channel.size();
    long committed = 0;
    long damagedAt = -1;
    int endsAfterDamage = 0;
    try (DataInputStream in = input()) {
      for (long position = 0; position + HEADER <= size; ) {
        int frame = in.readInt();
        int expected = in.readInt();
        long end = position + HEADER + frame;
        if (frame <= 0 || end > size) {
          break;
        }
        byte[] payload = in.readNBytes(frame);
        boolean whole = checksum(payload) == expected;
        if (!whole && damagedAt < 0) {
          damagedAt = position;
        } else if (whole && payload[0] == END && damagedAt < 0) {
          committed = end;
        } else if (whole && payload[0] == END) {
          endsAfterDamage++;
        }
        position = end;
      }
    }
    if (endsAfterDamage > 1) {
      throw new StoreException("read " + path + ": damaged at byte " + damagedAt);
    }
    return committed;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
