package io.portal.netlink;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A message as it was received, a view of its datagram: valid until the next receive.
 *
 * <p>Source: include/uapi/linux/netlink.h, struct nlmsghdr.
 */
public final class NetlinkMessage {

  private final ByteBuffer buffer;
  private final int start;
  private final int length;

  private NetlinkMessage(ByteBuffer buffer, int start, int length) {
    this.buffer = buffer;
    this.start = start;
    this.length = length;
  }

  /**
   * The messages of a datagram in native byte order.
   *
   * @throws NetlinkException if one is cut
   */
  public static List<NetlinkMessage> readAll(ByteBuffer datagram) throws NetlinkException {
    List<NetlinkMessage> messages = new ArrayList<>();
    int at = datagram.position();
    int end = datagram.limit();
    while (end - at >= Netlink.HEADER_BYTES) {
      int length = datagram.getInt(at);
      if (length < Netlink.HEADER_BYTES || length > end - at) {
        throw new NetlinkException(
            "read message", "length " + length + " where " + (end - at) + " bytes are left");
      }
      messages.add(new NetlinkMessage(datagram, at, length));
      at = Math.min(end, at + Netlink.align(length));
    }
    if (at != end) {
      throw new NetlinkException("read message", (end - at) + " bytes are no message");
    }
    return messages;
  }

  /** The type: of the family, or one below 16 that all families share. */
  public int type() {
    return buffer.getShort(start + 4) & 0xffff;
  }

  /** Flags as in {@link Netlink#FLAG_MULTI}. */
  public int flags() {
    return buffer.getShort(start + 6) & 0xffff;
  }

  /** Number of the request that this answers; 0 for events. */
  public int sequence() {
    return buffer.getInt(start + 8);
  }

  /** A reader at the start of the family's fixed header. */
  public AttributeReader body() {
    return bodyFrom(0);
  }

  AttributeReader bodyFrom(int offset) {
    int from = Math.min(start + Netlink.HEADER_BYTES + offset, start + length);
    return new AttributeReader(buffer, from, start + length, null);
  }

  /** The error, 0 or negative, of a message of type ERROR or DONE; 0 if it has none. */
  int error() {
    return length >= Netlink.HEADER_BYTES + 4 ? buffer.getInt(start + Netlink.HEADER_BYTES) : 0;
  }

  /** The kernel's own words in a message of type ERROR or DONE; empty if it has none. */
  String kernelMessage() {
    if ((flags() & Netlink.FLAG_ACK_ATTRIBUTES) == 0) {
      return "";
    }
    int offset = 4;
    if (type() == Netlink.ERROR) {
      // struct nlmsgerr: the error, then the refused message, its body only if not capped.
      offset += Netlink.HEADER_BYTES;
      if ((flags() & Netlink.FLAG_CAPPED) == 0 && length >= Netlink.HEADER_BYTES + 8) {
        int refused = buffer.getInt(start + Netlink.HEADER_BYTES + 4);
        offset = Math.max(offset, Math.min(length, 4 + Netlink.align(refused)));
      }
    }
    AttributeReader attributes = bodyFrom(offset);
    while (attributes.next()) {
      if (attributes.type() == Netlink.ERROR_ATTRIBUTE_MESSAGE) {
        return attributes.string();
      }
    }
    return "";
  }
}
