package io.portal.netlink;

import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A name that one process at a time can have in a network namespace: a Unix socket in the abstract
 * namespace (unix(7)), which belongs to the network namespace, needs no file, and goes with its
 * process however that ends. Thread-safe.
 */
public final class NamespaceLock implements AutoCloseable {

  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final Errno EADDRINUSE = new Errno(98);

  private int fd;

  private NamespaceLock(int fd) {
    this.fd = fd;
  }

  /**
   * Takes the name in the network namespace that the calling thread is in; never blocks.
   *
   * @param name at most 100 ASCII characters
   * @return the lock; empty if somebody has it
   * @throws NetlinkException if the socket cannot be had for another reason
   */
  public static Optional<NamespaceLock> tryLock(String name) throws NetlinkException {
    int fd = LibC.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (fd < 0) {
      throw new NetlinkException("socket", LibC.lastError(), "");
    }
    byte[] path = name.getBytes(StandardCharsets.US_ASCII);
    try (Memory address = new Memory(3 + path.length)) {
      // struct sockaddr_un: family, then a NUL byte for the abstract namespace, then the name.
      address.setShort(0, (short) AF_UNIX);
      address.setByte(2, (byte) 0);
      address.write(3, path, 0, path.length);
      if (LibC.bind(fd, address, 3 + path.length) == 0) {
        return Optional.of(new NamespaceLock(fd));
      }
      Errno error = LibC.lastError();
      LibC.close(fd);
      if (error.equals(EADDRINUSE)) {
        return Optional.empty();
      }
      throw new NetlinkException("bind", error, "");
    }
  }

  /** The process that has the name, where that can be found out. */
  public static OptionalLong holder(String name) {
    try (Stream<String> sockets = Files.lines(Path.of("/proc/net/unix"))) {
      // Num RefCount Protocol Flags Type St Inode Path
      Optional<String> inode =
          sockets
              .map(line -> line.trim().split("\\s+"))
              .filter(columns -> columns.length > 7 && columns[7].equals("@" + name))
              .map(columns -> columns[6])
              .findFirst();
      return inode.isPresent() ? holderOf("socket:[" + inode.get() + "]") : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  private static OptionalLong holderOf(String socket) throws IOException {
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (has(process.resolve("fd"), socket)) {
          return OptionalLong.of(Long.parseLong(process.getFileName().toString()));
        }
      }
    }
    return OptionalLong.empty();
  }

  private static boolean has(Path descriptors, String socket) {
    try (DirectoryStream<Path> links = Files.newDirectoryStream(descriptors)) {
      for (Path link : links) {
        if (Files.readSymbolicLink(link).toString().equals(socket)) {
          return true;
        }
      }
    } catch (IOException | RuntimeException goneOrForbidden) {
      return false;
    }
    return false;
  }

  /** Lets go of the name. */
  @Override
  public synchronized void close() {
    if (fd >= 0) {
      LibC.close(fd);
      fd = -1;
    }
  }
}
