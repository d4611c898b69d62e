package io.portal.store.file;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a journal: a row of frames, each {@code length, CRC-32C, payload}. A payload is a
 * type, a name and content. A commit is a frame for each file and one that ends it, whose content
 * is the commit's number and the CRC-32C of all its other payloads; earlier versions left it empty.
 */
final class JournalFrames {

  static final int PUT = 1;
  static final int REMOVE = 2;

  /** Ends a commit of a change. */
  static final int END = 3;

  /** Ends a commit that holds the whole state. */
  static final int END_OF_ALL = 4;

  static final int HEADER = 8;

  /** Bytes of an end frame's payload: type, an empty name, number and checksum. */
  static final int END_PAYLOAD = 1 + 2 + 8 + 4;

  /** As {@link #END_PAYLOAD}, of earlier versions. */
  static final int OLD_END_PAYLOAD = 1 + 2;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final CRC32C commit = new CRC32C();

  /** Adds a file of the commit; no content where it goes away. */
  void file(String name, byte @Nullable [] content) throws IOException {
    byte[] payload = payload(content == null ? REMOVE : PUT, name, content);
    commit.update(payload, 0, payload.length);
    frame(payload);
  }

  /** Ends the commit. */
  void end(int type, long sequence) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(12);
    content.putLong(sequence).putInt((int) commit.getValue());
    frame(payload(type, "", content.array()));
  }

  /** Bytes that wait to be taken. */
  int size() {
    return out.size();
  }

  /** Takes what is there so far. */
  byte[] take() {
    byte[] bytes = out.toByteArray();
    out.reset();
    return bytes;
  }

  private static byte[] payload(int type, String name, byte @Nullable [] content)
      throws IOException {
    ByteArrayOutputStream payload =
        new ByteArrayOutputStream((content == null ? 0 : content.length) + 64);
    DataOutputStream data = new DataOutputStream(payload);
    data.writeByte(type);
    data.writeUTF(name);
    if (content != null) {
      data.write(content);
    }
    return payload.toByteArray();
  }

  private void frame(byte[] payload) throws IOException {
    DataOutputStream framed = new DataOutputStream(out);
    framed.writeInt(payload.length);
    framed.writeInt(checksum(payload));
    framed.write(payload);
  }

  static int checksum(byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload, 0, payload.length);
    return (int) crc.getValue();
  }
}
