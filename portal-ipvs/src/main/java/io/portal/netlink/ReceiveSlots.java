package io.portal.netlink;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Receives datagrams, two with one call into the kernel where they are there: a short dump, and the
 * message that ends it. Not thread-safe.
 */
final class ReceiveSlots {

  private static final int SLOTS = 2;

  /** Bytes of one datagram at most; the kernel's dumps use up to 32 KiB if they are offered. */
  private static final int SLOT_BYTES = 1 << 17;

  // struct mmsghdr of 64-bit Linux: struct msghdr, then u32 msg_len and four bytes of padding.
  private static final int HEADER_BYTES = 64;
  private static final int NAME = 0;
  private static final int NAME_LENGTH = 8;
  private static final int VECTOR = 16;
  private static final int VECTOR_LENGTH = 24;
  private static final int MESSAGE_LENGTH = 56;

  /** Offset of nl_pid in struct sockaddr_nl. */
  private static final int PORT_ID = 4;

  private final Memory bytes = new Memory((long) SLOTS * SLOT_BYTES);
  private final Memory headers = new Memory((long) SLOTS * HEADER_BYTES);
  private final Memory addresses = new Memory((long) SLOTS * 16);
  private final Memory vectors = new Memory((long) SLOTS * 16);
  private final ByteBuffer headerBytes =
      headers.getByteBuffer(0, headers.size()).order(ByteOrder.nativeOrder());
  private final ByteBuffer addressBytes =
      addresses.getByteBuffer(0, addresses.size()).order(ByteOrder.nativeOrder());
  private final ByteBuffer[] slots = new ByteBuffer[SLOTS];
  private int received;
  private int next;

  ReceiveSlots() {
    headers.clear();
    for (int i = 0; i < SLOTS; i++) {
      long header = (long) i * HEADER_BYTES;
      headers.setPointer(header + NAME, addresses.share(i * 16L));
      headers.setPointer(header + VECTOR, vectors.share(i * 16L));
      headers.setLong(header + VECTOR_LENGTH, 1);
      // struct iovec: base, length
      vectors.setPointer(i * 16L, bytes.share((long) i * SLOT_BYTES));
      vectors.setLong(i * 16L + 8, SLOT_BYTES);
      slots[i] =
          bytes.getByteBuffer((long) i * SLOT_BYTES, SLOT_BYTES).order(ByteOrder.nativeOrder());
    }
  }

  /**
   * The next datagram; null if there is none now.
   *
   * @throws NetlinkOverrunException if some were lost
   */
  @Nullable ByteBuffer next(int fd) throws NetlinkException {
    while (true) {
      if (next == received && !receive(fd)) {
        return null;
      }
      int slot = next++;
      int length = headerBytes.getInt(slot * HEADER_BYTES + MESSAGE_LENGTH);
      if (addressBytes.getInt(slot * 16 + PORT_ID) != 0) {
        continue; // not from the kernel: another process must not be able to forge answers
      }
      if (length > SLOT_BYTES) {
        throw new NetlinkException("receive", "a datagram of " + length + " bytes was cut");
      }
      return slots[slot].clear().limit(length);
    }
  }

  private boolean receive(int fd) throws NetlinkException {
    next = 0;
    received = 0;
    while (true) {
      for (int i = 0; i < SLOTS; i++) {
        headerBytes.putInt(i * HEADER_BYTES + NAME_LENGTH, Netlink.SOCKET_ADDRESS_BYTES);
      }
      int count =
          LibC.recvmmsg(fd, headers, SLOTS, Netlink.MSG_DONTWAIT | Netlink.MSG_TRUNC, Pointer.NULL);
      if (count >= 0) {
        received = count;
        return count > 0;
      }
      Errno errno = LibC.lastError();
      if (errno.equals(Errno.EAGAIN)) {
        return false;
      }
      if (errno.equals(Errno.ENOBUFS)) {
        throw new NetlinkOverrunException("receive");
      }
      if (!errno.equals(Errno.EINTR)) {
        throw new NetlinkException("receive", errno, "");
      }
    }
  }
}
