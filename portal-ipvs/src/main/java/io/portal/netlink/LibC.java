package io.portal.netlink;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** The C library's calls that a netlink socket needs, on Linux with 64-bit pointers. */
final class LibC {

  static {
    Native.register(LibC.class, "c");
  }

  private LibC() {}

  static native int socket(int domain, int type, int protocol);

  static native int bind(int fd, Pointer address, int length);

  static native int setsockopt(int fd, int level, int name, Pointer value, int length);

  static native int getsockopt(int fd, int level, int name, Pointer value, Pointer length);

  static native long send(int fd, Pointer bytes, long length, int flags);

  static native int recvmmsg(int fd, Pointer headers, int count, int flags, Pointer timeout);

  static native int poll(Pointer descriptors, long count, int timeoutMillis);

  static native int eventfd(int initial, int flags);

  static native long write(int fd, Pointer bytes, long length);

  static native int close(int fd);

  /** The errno of this thread's last call, which must have failed. */
  static Errno lastError() {
    return new Errno(Native.getLastError());
  }
}
