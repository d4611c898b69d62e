package io.portal.netlink;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An AF_NETLINK socket of the network namespace that the opening thread is in. Thread-safe: one
 * thread may send while another waits in {@link #receive}, and any may close.
 */
public final class NetlinkSocket implements NetlinkTransport {

  /** Asked for with SO_RCVBUFFORCE; the kernel doubles it. */
  private static final int RECEIVE_BUFFER = 4 << 20;

  private static final int SEND_BUFFER = 1 << 20;

  /** Memory that the kernel charges a receive buffer for one answer, at most. */
  private static final int ANSWER_CHARGE = 8 << 10;

  private final int fd;
  private final int wakeFd;
  private final int sendLimit;
  private final int answerLimit;
  private final Memory sendMemory;
  private final ByteBuffer sendBytes;
  private final ReceiveSlots received = new ReceiveSlots();
  private final Memory pollDescriptors = new Memory(16);
  private final ReentrantLock sending = new ReentrantLock();
  private final ReentrantLock receiving = new ReentrantLock();
  private volatile boolean closed;

  private NetlinkSocket(int fd, int wakeFd, int sendBuffer, int receiveBuffer) {
    this.fd = fd;
    this.wakeFd = wakeFd;
    this.sendLimit = sendBuffer - Netlink.SEND_OVERHEAD;
    this.answerLimit = Math.max(1, receiveBuffer / ANSWER_CHARGE);
    this.sendMemory = new Memory(sendLimit);
    this.sendBytes = sendMemory.getByteBuffer(0, sendLimit);
  }

  /**
   * Opens a socket.
   *
   * @param protocol such as {@link Netlink#GENERIC} or {@link Netlink#ROUTE}
   * @param groups numbers of the multicast groups to join (not a mask), as in {@code RTNLGRP_LINK};
   *     none for a socket that only asks
   * @throws NetlinkException if there is no netlink on this system, or the kernel refuses
   */
  public static NetlinkSocket open(int protocol, int... groups) throws NetlinkException {
    String operation = "open netlink socket of protocol " + protocol;
    if (!Platform.isLinux() || Native.POINTER_SIZE != 8) {
      throw new NetlinkException(operation, "netlink is there on 64-bit Linux only");
    }
    int fd;
    try {
      fd = LibC.socket(Netlink.AF_NETLINK, Netlink.SOCK_RAW | Netlink.SOCK_CLOEXEC, protocol);
    } catch (LinkageError e) {
      NetlinkException unloadable =
          new NetlinkException(
              operation,
              "JNA cannot load its native library; if the directory for temporary files is mounted"
                  + " noexec, give another one with -Djna.tmpdir=DIR");
      unloadable.initCause(e);
      throw unloadable;
    }
    if (fd < 0) {
      throw new NetlinkException(operation, LibC.lastError(), "");
    }
    int wakeFd = -1;
    try {
      Options options = new Options(fd, operation);
      options.enableIfKnown(Netlink.NETLINK_CAP_ACK);
      options.enableIfKnown(Netlink.NETLINK_EXT_ACK);
      options.bind();
      for (int group : groups) {
        options.set(Netlink.SOL_NETLINK, Netlink.NETLINK_ADD_MEMBERSHIP, group);
      }
      int receiveBuffer =
          options.enlarge(Netlink.SO_RCVBUFFORCE, Netlink.SO_RCVBUF, RECEIVE_BUFFER);
      int sendBuffer = options.enlarge(Netlink.SO_SNDBUFFORCE, Netlink.SO_SNDBUF, SEND_BUFFER);
      wakeFd = LibC.eventfd(0, Netlink.EFD_CLOEXEC | Netlink.EFD_NONBLOCK);
      if (wakeFd < 0) {
        throw new NetlinkException(operation, LibC.lastError(), "");
      }
      return new NetlinkSocket(fd, wakeFd, sendBuffer, receiveBuffer);
    } catch (NetlinkException | RuntimeException e) {
      LibC.close(fd);
      if (wakeFd >= 0) {
        LibC.close(wakeFd);
      }
      throw e;
    }
  }

  @Override
  public int sendLimit() {
    return sendLimit;
  }

  @Override
  public int answerLimit() {
    return answerLimit;
  }

  @Override
  public void send(ByteBuffer messages) throws NetlinkException {
    int length = messages.remaining();
    if (length > sendLimit) {
      throw new NetlinkException(
          "send " + length + " bytes", "one datagram takes " + sendLimit + " at most");
    }
    sending.lock();
    try {
      checkOpen();
      sendBytes.clear();
      sendBytes.put(messages);
      Errno errno;
      do {
        long sent = LibC.send(fd, sendMemory, length, 0);
        errno = sent < 0 ? LibC.lastError() : null;
      } while (Errno.EINTR.equals(errno));
      if (errno != null) {
        throw new NetlinkException("send " + length + " bytes", errno, "");
      }
    } finally {
      sending.unlock();
    }
  }

  @Override
  public @Nullable ByteBuffer receive(Duration timeout) throws NetlinkException {
    receiving.lock();
    try {
      checkOpen();
      // The kernel answers while it handles send(): nearly always there is no need to wait, nor for
      // a clock, which some kernels are slow to read.
      ByteBuffer datagram = received.next(fd);
      if (datagram != null || timeout.isZero()) {
        return datagram;
      }
      long deadline = System.nanoTime() + timeout.toNanos();
      long left = timeout.toNanos();
      while (datagram == null && left > 0) {
        await((int) Math.min(Integer.MAX_VALUE, (left + 999_999) / 1_000_000));
        checkOpen();
        datagram = received.next(fd);
        left = deadline - System.nanoTime();
      }
      return datagram;
    } finally {
      receiving.unlock();
    }
  }

  private void await(int millis) throws NetlinkException {
    // struct pollfd: int fd, short events, short revents
    pollDescriptors.clear();
    pollDescriptors.setInt(0, fd);
    pollDescriptors.setShort(4, (short) Netlink.POLLIN);
    pollDescriptors.setInt(8, wakeFd);
    pollDescriptors.setShort(12, (short) Netlink.POLLIN);
    if (LibC.poll(pollDescriptors, 2, millis) < 0) {
      Errno errno = LibC.lastError();
      if (!errno.equals(Errno.EINTR)) {
        throw new NetlinkException("wait for messages", errno, "");
      }
    }
  }

  private void checkOpen() throws NetlinkException {
    if (closed) {
      throw new NetlinkException("use netlink socket", "it is closed");
    }
  }

  @Override
  public void close() {
    sending.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      try (Memory one = new Memory(8)) {
        one.setLong(0, 1);
        LibC.write(wakeFd, one, 8);
      }
      // Who waits in receive() has been woken and gives the lock back.
      receiving.lock();
      try {
        LibC.close(fd);
        LibC.close(wakeFd);
      } finally {
        receiving.unlock();
      }
    } finally {
      sending.unlock();
    }
  }

  /** Sets up a socket that is being opened. */
  private record Options(int fd, String operation) {

    private boolean trySet(int level, int name, int value) {
      try (Memory memory = new Memory(4)) {
        memory.setInt(0, value);
        return LibC.setsockopt(fd, level, name, memory, 4) == 0;
      }
    }

    void set(int level, int name, int value) throws NetlinkException {
      if (!trySet(level, name, value)) {
        throw new NetlinkException(operation, LibC.lastError(), "");
      }
    }

    /** Old kernels lack these; what they improve is worse there, not wrong. */
    void enableIfKnown(int name) {
      trySet(Netlink.SOL_NETLINK, name, 1);
    }

    /** Enlarges a buffer, as far as is allowed without privileges where there are none. */
    int enlarge(int forcedName, int name, int bytes) throws NetlinkException {
      if (!trySet(Netlink.SOL_SOCKET, forcedName, bytes)) {
        trySet(Netlink.SOL_SOCKET, name, bytes);
      }
      try (Memory memory = new Memory(8)) {
        memory.setInt(4, 4);
        if (LibC.getsockopt(fd, Netlink.SOL_SOCKET, name, memory, memory.share(4)) != 0) {
          throw new NetlinkException(operation, LibC.lastError(), "");
        }
        return memory.getInt(0);
      }
    }

    void bind() throws NetlinkException {
      try (Memory address = new Memory(Netlink.SOCKET_ADDRESS_BYTES)) {
        address.clear();
        address.setShort(0, (short) Netlink.AF_NETLINK);
        if (LibC.bind(fd, address, Netlink.SOCKET_ADDRESS_BYTES) != 0) {
          throw new NetlinkException(operation, LibC.lastError(), "");
        }
      }
    }
  }
}
