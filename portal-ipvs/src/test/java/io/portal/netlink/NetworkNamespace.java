package io.portal.netlink;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A network namespace that the thread which entered it is in until it closes it. Sockets opened and
 * commands started by that thread meanwhile belong to it.
 */
public final class NetworkNamespace implements AutoCloseable {

  // include/uapi/linux/sched.h, include/uapi/asm-generic/fcntl.h
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int O_CLOEXEC = 0x80000;

  private final Thread thread = Thread.currentThread();
  private final int outside;

  private NetworkNamespace(int outside) {
    this.outside = outside;
  }

  /** Enters a fresh namespace with loopback up; needs root. */
  public static NetworkNamespace enter() throws IOException, InterruptedException {
    int outside = Calls.open("/proc/thread-self/ns/net", O_CLOEXEC);
    check("open /proc/thread-self/ns/net", outside);
    check("unshare", Calls.unshare(CLONE_NEWNET));
    NetworkNamespace namespace = new NetworkNamespace(outside);
    run("ip", "link", "set", "lo", "up");
    return namespace;
  }

  /** Enters the namespace that {@code ip netns add} made under that name; needs root. */
  public static NetworkNamespace enter(String name) throws IOException {
    int outside = Calls.open("/proc/thread-self/ns/net", O_CLOEXEC);
    check("open /proc/thread-self/ns/net", outside);
    int inside = Calls.open("/run/netns/" + name, O_CLOEXEC);
    check("open namespace " + name, inside);
    check("setns", Calls.setns(inside, CLONE_NEWNET));
    Calls.close(inside);
    return new NetworkNamespace(outside);
  }

  /** Runs a command and returns what it printed; it must exit 0. */
  public static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(List.of(command) + " exited " + process.exitValue() + ": " + output);
    }
    return output;
  }

  /**
   * Runs something in a thread that has no capabilities any more.
   *
   * @return what it threw; null if nothing
   */
  public static Throwable withoutCapabilities(Callable<?> task) throws InterruptedException {
    Throwable[] thrown = {null};
    Thread thread =
        new Thread(
            () -> {
              // struct __user_cap_header_struct: _LINUX_CAPABILITY_VERSION_3, this thread; then
              // two of struct __user_cap_data_struct, all empty. Of this one thread only.
              try (Memory header = new Memory(8);
                  Memory none = new Memory(24)) {
                header.setInt(0, 0x20080522);
                header.setInt(4, 0);
                none.clear();
                check("capset", Calls.capset(header, none));
                task.call();
              } catch (Throwable e) {
                thrown[0] = e;
              }
            });
    thread.start();
    thread.join();
    return thrown[0];
  }

  @Override
  public void close() throws IOException {
    if (thread != Thread.currentThread()) {
      throw new IllegalStateException("to be closed by the thread that entered");
    }
    check("setns", Calls.setns(outside, CLONE_NEWNET));
    Calls.close(outside);
  }

  private static void check(String call, int result) throws IOException {
    if (result < 0) {
      throw new IOException(call + ": " + new Errno(Native.getLastError()));
    }
  }

  private static final class Calls {
    static {
      Native.register(Calls.class, "c");
    }

    static native int open(String path, int flags);

    static native int unshare(int flags);

    static native int setns(int fd, int type);

    static native int capset(Pointer header, Pointer data);

    static native int close(int fd);
  }
}
