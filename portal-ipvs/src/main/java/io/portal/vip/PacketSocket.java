package io.portal.vip;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.portal.netlink.Errno;
import java.io.IOException;

/**
 * Sends Ethernet frames as they are, in the network namespace that the opening thread was in.
 * Receives nothing. Thread-safe.
 */
final class PacketSocket implements AutoCloseable {

  // include/linux/socket.h, include/uapi/linux/net.h
  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int MSG_DONTWAIT = 0x40;

  /**
   * Bytes of {@code struct sockaddr_ll} in {@code linux/if_packet.h}: u16 family, be16 protocol,
   * i32 interface, u16 hardware type, u8 packet type, u8 address length, eight bytes of address.
   */
  private static final int ADDRESS_BYTES = 20;

  private final int fd;
  private boolean closed;

  private PacketSocket(int fd) {
    this.fd = fd;
  }

  /**
   * Opens one.
   *
   * @throws IOException if the kernel refuses; that takes {@code CAP_NET_RAW}
   */
  static PacketSocket open() throws IOException {
    // Protocol 0: nothing is received, so nothing has to be read.
    int fd = Calls.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      Errno errno = new Errno(Native.getLastError());
      throw new IOException(
          "open packet socket: "
              + errno
              + (errno.equals(Errno.EPERM) ? " (it takes root or CAP_NET_RAW)" : ""));
    }
    return new PacketSocket(fd);
  }

  /**
   * Sends a frame; never waits.
   *
   * @param link index of the interface
   * @throws IOException if it was not sent, as when the interface is down ({@code ENETDOWN})
   */
  synchronized void send(int link, byte[] frame) throws IOException {
    if (closed) {
      throw new IOException("send frame: the socket is closed");
    }
    try (Memory memory = new Memory(ADDRESS_BYTES + frame.length)) {
      memory.clear();
      memory.setShort(0, (short) AF_PACKET);
      memory.setInt(4, link);
      memory.write(ADDRESS_BYTES, frame, 0, frame.length);
      Pointer bytes = memory.share(ADDRESS_BYTES);
      if (Calls.sendto(fd, bytes, frame.length, MSG_DONTWAIT, memory, ADDRESS_BYTES) < 0) {
        throw new IOException("send frame: " + new Errno(Native.getLastError()));
      }
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Calls.close(fd);
    }
  }

  private static final class Calls {
    static {
      Native.register(Calls.class, "c");
    }

    static native int socket(int domain, int type, int protocol);

    static native long sendto(
        int fd, Pointer bytes, long length, int flags, Pointer address, int addressLength);

    static native int close(int fd);
  }
}
