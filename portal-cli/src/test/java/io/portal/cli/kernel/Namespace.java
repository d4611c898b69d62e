package io.portal.cli.kernel;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/**
 * A network namespace of this kernel. A socket belongs to the namespace of the thread that makes
 * it: the threads made here are in this one.
 */
final class Namespace implements ThreadFactory, AutoCloseable {

  static {
    Native.register(Namespace.class, "c");
  }

  private static final int O_RDONLY = 0;
  private static final int CLONE_NEWNET = 0x40000000; // linux/sched.h

  private final String name;
  private final ExecutorService thread = Executors.newSingleThreadExecutor(this);

  private Namespace(String name) {
    this.name = name;
  }

  static native int open(String path, int flags) throws LastErrorException;

  static native int setns(int descriptor, int type) throws LastErrorException;

  static native int close(int descriptor) throws LastErrorException;

  /** Makes a namespace with its loopback up. */
  static Namespace create(String name) throws IOException, InterruptedException {
    Shell.run("ip netns add " + name);
    Namespace namespace = new Namespace(name);
    namespace.shell("ip link set lo up");
    return namespace;
  }

  /** Joins two namespaces by a cable, each end with an IPv4 and an IPv6 address. */
  static void join(
      Namespace left,
      String leftAddress4,
      String leftAddress6,
      Namespace right,
      String rightAddress4,
      String rightAddress6)
      throws IOException, InterruptedException {
    String leftEnd = left.name + "-" + right.name;
    String rightEnd = right.name + "-" + left.name;
    Shell.run(
        "ip link add "
            + leftEnd
            + " netns "
            + left.name
            + " type veth peer name "
            + rightEnd
            + " netns "
            + right.name);
    left.address(leftEnd, leftAddress4, leftAddress6);
    right.address(rightEnd, rightAddress4, rightAddress6);
  }

  private void address(String link, String address4, String address6)
      throws IOException, InterruptedException {
    shell("ip addr add " + address4 + " dev " + link);
    shell("ip addr add " + address6 + " dev " + link + " nodad");
    shell("ip link set " + link + " up");
  }

  /** Runs a command in it, words parted by single spaces; returns what it printed. */
  String shell(String commandLine) throws IOException, InterruptedException {
    return Shell.run("ip netns exec " + name + " " + commandLine);
  }

  String name() {
    return name;
  }

  @Override
  public Thread newThread(Runnable task) {
    Thread created =
        new Thread(
            () -> {
              int descriptor = open("/run/netns/" + name, O_RDONLY);
              setns(descriptor, CLONE_NEWNET);
              close(descriptor);
              task.run();
            },
            "in-" + name);
    created.setDaemon(true);
    return created;
  }

  /** Does something on a thread that is in it. */
  <T> T in(Callable<T> task) throws Exception {
    try {
      return thread.submit(task).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  @Override
  public void close() throws Exception {
    thread.shutdownNow();
    Shell.run("ip netns del " + name);
  }
}
