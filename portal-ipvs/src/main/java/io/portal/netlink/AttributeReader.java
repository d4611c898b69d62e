package io.portal.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a netlink message: first the fixed header of the family, then attribute after
 * attribute.
 *
 * <pre>{@code
 * while (reader.next()) {
 *   switch (reader.type()) {
 *     case 1 -> weight = reader.u32();
 *     default -> {} // newer kernels tell more
 *   }
 * }
 * reader.check("read weight");
 * }</pre>
 *
 * <p>What is cut or of the wrong length is remembered, also in nested attributes, and reported once
 * by {@link #check}; the values read until then are zero or empty. Not thread-safe; valid as long
 * as the datagram it reads from.
 *
 * <p>Source: include/uapi/linux/netlink.h, struct nlattr.
 */
public final class AttributeReader {

  private final ByteBuffer buffer;
  private final @Nullable AttributeReader parent;
  private final int end;
  private int next;
  private int type;
  private int value;
  private int length;
  private @Nullable String error;

  AttributeReader(ByteBuffer buffer, int start, int end, @Nullable AttributeReader parent) {
    this.buffer = buffer;
    this.next = start;
    this.end = end;
    this.parent = parent;
  }

  /** One byte of the fixed header. */
  public int headerU8() {
    int at = header(1);
    return at < 0 ? 0 : buffer.get(at) & 0xff;
  }

  /** Two bytes of the fixed header, in native order. */
  public int headerU16() {
    int at = header(2);
    return at < 0 ? 0 : buffer.getShort(at) & 0xffff;
  }

  /** Four bytes of the fixed header, in native order. */
  public int headerU32() {
    int at = header(4);
    return at < 0 ? 0 : buffer.getInt(at);
  }

  private int header(int bytes) {
    int at = next;
    if (end - at < bytes) {
      fail("message of " + (end - at) + " bytes where a header of at least " + bytes + " is due");
      next = end;
      return -1;
    }
    next = at + bytes;
    return at;
  }

  /** Goes to the next attribute; false at the end, and where what follows is damaged. */
  public boolean next() {
    if (end - next < Netlink.ATTRIBUTE_HEADER_BYTES) {
      return false;
    }
    int total = buffer.getShort(next) & 0xffff;
    if (total < Netlink.ATTRIBUTE_HEADER_BYTES || total > end - next) {
      fail("attribute of length " + total + " where " + (end - next) + " bytes are left");
      next = end;
      return false;
    }
    type = buffer.getShort(next + 2) & Netlink.ATTRIBUTE_TYPE_MASK;
    value = next + Netlink.ATTRIBUTE_HEADER_BYTES;
    length = total - Netlink.ATTRIBUTE_HEADER_BYTES;
    next = Math.min(end, next + Netlink.align(total));
    return true;
  }

  /** Type of the present attribute, without its flags. */
  public int type() {
    return type;
  }

  /** The present attribute as one byte. */
  public int u8() {
    return has(1) ? buffer.get(value) & 0xff : 0;
  }

  /** The present attribute as two bytes in native order. */
  public int u16() {
    return has(2) ? buffer.getShort(value) & 0xffff : 0;
  }

  /** The present attribute as two bytes in network order. */
  public int u16NetworkOrder() {
    return has(2) ? (buffer.get(value) & 0xff) << 8 | (buffer.get(value + 1) & 0xff) : 0;
  }

  /** The present attribute as four bytes in native order, unsigned. */
  public long u32() {
    return i32() & 0xffffffffL;
  }

  /** The present attribute as four bytes in native order. */
  public int i32() {
    return has(4) ? buffer.getInt(value) : 0;
  }

  /** The present attribute as four bytes in network order. */
  public int i32NetworkOrder() {
    int native32 = i32();
    return buffer.order() == ByteOrder.BIG_ENDIAN ? native32 : Integer.reverseBytes(native32);
  }

  /** The present attribute as eight bytes in native order. */
  public long u64() {
    return has(8) ? buffer.getLong(value) : 0;
  }

  /** Bytes of the present attribute. */
  public int length() {
    return length;
  }

  /** The present attribute's first bytes. */
  public byte[] bytes(int count) {
    byte[] copy = new byte[count];
    if (has(count)) {
      buffer.get(value, copy);
    }
    return copy;
  }

  /** The present attribute as text, to its first NUL or its end. */
  public String string() {
    byte[] copy = bytes(length);
    int used = 0;
    while (used < copy.length && copy[used] != 0) {
      used++;
    }
    return new String(copy, 0, used, StandardCharsets.UTF_8);
  }

  /** A reader for the attributes that the present one holds. */
  public AttributeReader nested() {
    return new AttributeReader(buffer, value, value + length, this);
  }

  private boolean has(int bytes) {
    if (length < bytes) {
      fail("attribute " + type + " of " + length + " bytes where " + bytes + " are due");
      return false;
    }
    return true;
  }

  private void fail(String problem) {
    if (parent != null) {
      parent.fail(problem);
    } else if (error == null) {
      error = problem;
    }
  }

  /**
   * Reports what was damaged, in this reader or those nested in it.
   *
   * @throws NetlinkException naming the operation and the first problem
   */
  public void check(String operation) throws NetlinkException {
    if (parent != null) {
      parent.check(operation);
    } else if (error != null) {
      throw new NetlinkException(operation, error);
    }
  }
}
