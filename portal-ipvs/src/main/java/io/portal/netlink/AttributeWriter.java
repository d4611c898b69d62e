package io.portal.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes the bodies of netlink messages: first the fixed header of the family (the methods without
 * a type), then attributes. A value that does not fit is remembered and reported once, when the
 * message is finished; all calls until then are harmless. Not thread-safe.
 *
 * <p>Source: include/uapi/linux/netlink.h, struct nlattr.
 */
public final class AttributeWriter {

  private ByteBuffer buffer;
  private @Nullable String error;

  AttributeWriter(int capacity) {
    buffer = allocate(capacity);
  }

  private static ByteBuffer allocate(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.nativeOrder());
  }

  /** One byte of the fixed header, 0 to 255. */
  public void headerU8(int value) {
    ensure(1);
    buffer.put((byte) inRange(value, 0xff));
  }

  /** Two bytes of the fixed header in native order, 0 to 65535. */
  public void headerU16(int value) {
    ensure(2);
    buffer.putShort((short) inRange(value, 0xffff));
  }

  /** Four bytes of the fixed header in native order. */
  public void headerU32(int value) {
    ensure(4);
    buffer.putInt(value);
  }

  /** An attribute of one byte, 0 to 255. */
  public void u8(int type, int value) {
    begin(type, 1);
    buffer.put((byte) inRange(value, 0xff));
    pad();
  }

  /** An attribute of two bytes in native order, 0 to 65535. */
  public void u16(int type, int value) {
    begin(type, 2);
    buffer.putShort((short) inRange(value, 0xffff));
    pad();
  }

  /** An attribute of two bytes in network order, 0 to 65535. */
  public void u16NetworkOrder(int type, int value) {
    begin(type, 2);
    int checked = inRange(value, 0xffff);
    buffer.put((byte) (checked >> 8)).put((byte) checked);
    pad();
  }

  /** An attribute of four bytes in native order, 0 to 2^32-1. */
  public void u32(int type, long value) {
    begin(type, 4);
    if (value < 0 || value > 0xffffffffL) {
      fail("attribute value " + value + " is not of 0 to 4294967295");
    }
    buffer.putInt((int) value);
  }

  /** An attribute of four bytes in network order. */
  public void u32NetworkOrder(int type, int value) {
    begin(type, 4);
    buffer.putInt(buffer.order() == ByteOrder.BIG_ENDIAN ? value : Integer.reverseBytes(value));
  }

  /** An attribute of two words of four bytes in native order. */
  public void u32Pair(int type, int first, int second) {
    begin(type, 8);
    buffer.putInt(first).putInt(second);
  }

  /** An attribute of bytes as they are. */
  public void bytes(int type, byte[] value) {
    begin(type, value.length);
    buffer.put(value);
    pad();
  }

  /** A text with the NUL that ends it; it must not hold one itself. */
  public void string(int type, String value) {
    if (value.indexOf('\0') >= 0) {
      fail("text '" + value.replace("\0", "\\0") + "' holds a NUL");
    }
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    begin(type, encoded.length + 1);
    buffer.put(encoded).put((byte) 0);
    pad();
  }

  /** Begins an attribute that holds attributes; {@link #end} takes what this returns. */
  public int nest(int type) {
    int start = buffer.position();
    begin(type | Netlink.ATTRIBUTE_NESTED, 0);
    return start;
  }

  /** Ends an attribute that {@link #nest} began. */
  public void end(int start) {
    int length = buffer.position() - start;
    if (length > 0xffff) {
      fail("attribute of " + length + " bytes is longer than 65535");
    }
    buffer.putShort(start, (short) length);
  }

  private void begin(int type, int length) {
    if (length > 0xffff - Netlink.ATTRIBUTE_HEADER_BYTES) {
      fail("attribute of " + length + " bytes is longer than 65531");
    }
    ensure(Netlink.ATTRIBUTE_HEADER_BYTES + length + Netlink.ALIGNMENT);
    buffer.putShort((short) (Netlink.ATTRIBUTE_HEADER_BYTES + length)).putShort((short) type);
  }

  private void pad() {
    while ((buffer.position() & Netlink.ALIGNMENT - 1) != 0) {
      buffer.put((byte) 0);
    }
  }

  private int inRange(int value, int max) {
    if (value < 0 || value > max) {
      fail("value " + value + " is not of 0 to " + max);
    }
    return value;
  }

  private void fail(String problem) {
    if (error == null) {
      error = problem;
    }
  }

  private void ensure(int bytes) {
    if (buffer.remaining() < bytes) {
      ByteBuffer larger = allocate(Math.max(buffer.capacity() * 2, buffer.position() + bytes));
      buffer.flip();
      larger.put(buffer);
      buffer = larger;
    }
  }

  int position() {
    return buffer.position();
  }

  /** Writes a message header whose length {@link #endMessage} fills in. */
  int beginMessage(int type, int flags, int sequence) {
    int start = buffer.position();
    ensure(Netlink.HEADER_BYTES);
    buffer.putInt(0).putShort((short) type).putShort((short) flags).putInt(sequence).putInt(0);
    return start;
  }

  /** Ends a message; the error names what did not fit. */
  void endMessage(String operation, int start) throws NetlinkException {
    String problem = error;
    if (problem != null) {
      error = null;
      buffer.position(start);
      throw new NetlinkException(operation, problem);
    }
    pad();
    buffer.putInt(start, buffer.position() - start);
  }

  /** Sets further flags of the message that begins there. */
  void addFlags(int start, int flags) {
    buffer.putShort(start + 6, (short) (buffer.getShort(start + 6) | flags));
  }

  /** Bytes from the start to that place. */
  ByteBuffer written(int end) {
    return buffer.duplicate().order(buffer.order()).position(0).limit(end);
  }

  /** Drops the first bytes and moves the rest to the start. */
  void discard(int bytes) {
    buffer.flip().position(bytes);
    buffer.compact();
  }
}
