package io.portal.store.file;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a journal and tells a crash from damage. Only one commit can have been on its way when
 * portal died, for none is written before the one ahead of it is durable; so what cannot be read
 * must be the last commit, and nothing may follow it. Used by one thread at a time.
 */
final class JournalReader {

  private static final int BUFFER = 1 << 20;

  /** Something that no crash leaves behind. */
  static final class DamagedException extends Exception {

    private static final long serialVersionUID = 1L;

    DamagedException(String message) {
      super(message);
    }
  }

  /**
   * What a journal holds.
   *
   * @param length bytes up to the end of the last whole commit
   * @param first number of the first commit; 0 if there is none, or of an earlier version
   * @param last number of the last commit; as {@code first}
   * @param firstIsAll whether the first commit holds the whole state
   * @param revision the revision that the last commit stores; -1 if there is none
   */
  record Contents(long length, long first, long last, boolean firstIsAll, long revision) {}

  /** Takes the files of commits, in their order. */
  interface Redo {
    void apply(FileChange change) throws IOException;
  }

  private final FileChannel channel;

  JournalReader(FileChannel channel) {
    this.channel = channel;
  }

  private record Frame(int type, String name, byte[] content, byte[] payload) {}

  /** The next frame; null where none is that is whole. */
  private static @Nullable Frame next(DataInputStream in, long left) throws IOException {
    if (left < JournalFrames.HEADER) {
      return null;
    }
    int length = in.readInt();
    int expected = in.readInt();
    if (length < JournalFrames.OLD_END_PAYLOAD || length > left - JournalFrames.HEADER) {
      return null;
    }
    byte[] payload = in.readNBytes(length);
    if (payload.length < length || JournalFrames.checksum(payload) != expected) {
      return null;
    }
    DataInputStream data = new DataInputStream(new ByteArrayInputStream(payload));
    int type = data.readByte();
    return new Frame(type, data.readUTF(), data.readAllBytes(), payload);
  }

  /**
   * Reads all of it.
   *
   * @throws DamagedException saying where, if it was damaged after it was written
   */
  Contents read() throws IOException, DamagedException {
    long size = channel.size();
    Contents read = new Contents(0, 0, 0, false, -1);
    CRC32C commit = new CRC32C();
    long revision = -1;
    long position = 0;
    try (DataInputStream in = input(size)) {
      for (Frame frame = next(in, size);
          frame != null;
          position += JournalFrames.HEADER + frame.payload().length,
              frame = next(in, size - position)) {
        if (frame.type() != JournalFrames.END && frame.type() != JournalFrames.END_OF_ALL) {
          commit.update(frame.payload(), 0, frame.payload().length);
          revision = frame.name().equals(Layout.REVISION) ? revision(frame.content()) : revision;
          continue;
        }
        long end = position + JournalFrames.HEADER + frame.payload().length;
        read = committed(read, frame, revision, (int) commit.getValue(), end);
        commit.reset();
      }
    }
    checkTail(read, position, size);
    return read;
  }

  private static Contents committed(
      Contents before, Frame end, long revision, int checksum, long length)
      throws DamagedException {
    boolean old = end.payload().length == JournalFrames.OLD_END_PAYLOAD;
    if (!old && end.payload().length != JournalFrames.END_PAYLOAD) {
      throw damaged(before.length(), "a commit has no proper end");
    }
    if (old) {
      if (before.last() != 0 || revision <= before.revision()) {
        throw damaged(before.length(), "commits are not in their order");
      }
      return new Contents(length, 0, 0, false, revision);
    }
    ByteBuffer content = ByteBuffer.wrap(end.content());
    long sequence = content.getLong();
    if (content.getInt() != checksum) {
      throw damaged(before.length(), "a commit has other parts than were written");
    }
    boolean all = end.type() == JournalFrames.END_OF_ALL;
    if (sequence < 1 || before.last() != 0 && sequence != before.last() + 1) {
      throw damaged(before.length(), "commits are not in their order");
    }
    return before.last() == 0
        ? new Contents(length, sequence, sequence, all, revision)
        : new Contents(length, before.first(), sequence, before.firstIsAll(), revision);
  }

  private static long revision(byte[] content) {
    String text = new String(content, StandardCharsets.US_ASCII);
    return StoredRevision.parse(text).map(StoredRevision::revision).orElse(-1L);
  }

  private static DamagedException damaged(long position, String what) {
    return new DamagedException("damaged at byte " + position + ": " + what);
  }

  /** What cannot be read may be one commit that was on its way; what follows such a one is none. */
  private void checkTail(Contents read, long damagedAt, long size)
      throws IOException, DamagedException {
    for (long position = damagedAt; position < size; ) {
      ByteBuffer part = ByteBuffer.allocate((int) Math.min(BUFFER, size - position));
      readFully(part, position);
      for (int i = 0; i + JournalFrames.HEADER < part.limit(); i++) {
        int length = part.getInt(i);
        boolean ends =
            length == JournalFrames.END_PAYLOAD || length == JournalFrames.OLD_END_PAYLOAD;
        if (ends && i + JournalFrames.HEADER + length <= part.limit()) {
          long end = position + i + JournalFrames.HEADER + length;
          checkEnd(part, i, length, read, damagedAt, end == size);
        }
      }
      if (position + part.limit() == size) {
        return;
      }
      // So much again that no end is missed between two parts.
      position += part.limit() - JournalFrames.HEADER - JournalFrames.END_PAYLOAD;
    }
  }

  private static void checkEnd(
      ByteBuffer part, int at, int length, Contents read, long damagedAt, boolean last)
      throws DamagedException {
    byte[] payload = new byte[length];
    part.get(at + JournalFrames.HEADER, payload);
    boolean end = payload[0] == JournalFrames.END || payload[0] == JournalFrames.END_OF_ALL;
    if (!end || JournalFrames.checksum(payload) != part.getInt(at + 4)) {
      return;
    }
    boolean next =
        length == JournalFrames.OLD_END_PAYLOAD
            || read.last() == 0
            || part.getLong(at + JournalFrames.HEADER + 3) == read.last() + 1;
    if (!last || !next) {
      throw damaged(damagedAt, "it cannot be read there, and more commits follow");
    }
  }

  /** Hands over all that is committed in the first bytes. */
  void replay(long length, Redo redo) throws IOException {
    long position = 0;
    try (DataInputStream in = input(length)) {
      for (Frame frame = next(in, length); frame != null; frame = next(in, length - position)) {
        position += JournalFrames.HEADER + frame.payload().length;
        byte[] content = frame.content();
        if (frame.type() == JournalFrames.PUT) {
          redo.apply(FileChange.put(frame.name(), () -> content));
        } else if (frame.type() == JournalFrames.REMOVE) {
          redo.apply(FileChange.remove(frame.name()));
        }
      }
    }
    if (position != length) {
      throw new IOException("it was changed by somebody else at byte " + position);
    }
  }

  private void readFully(ByteBuffer into, long position) throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into, position + into.position()) < 0) {
        throw new IOException("it was cut off by somebody else");
      }
    }
    into.flip();
  }

  /** Reads by the open channel: to close another one of the same file would let go of its lock. */
  private DataInputStream input(long length) {
    return new DataInputStream(
        new BufferedInputStream(
            new InputStream() {
              private long position;

              @Override
              public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
              }

              @Override
              public int read(byte[] into, int offset, int count) throws IOException {
                if (position >= length) {
                  return -1;
                }
                int most = (int) Math.min(count, length - position);
                int read = channel.read(ByteBuffer.wrap(into, offset, most), position);
                position += Math.max(0, read);
                return read;
              }
            },
            BUFFER));
  }
}
