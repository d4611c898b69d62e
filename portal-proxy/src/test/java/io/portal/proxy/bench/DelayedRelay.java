package io.portal.proxy.bench;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A distance to a port of this host: what goes in comes out after a while, in both directions, as
 * much as it may be. For kernels without {@code tc netem}; what TCP itself does over a distance
 * (slow start, its own windows) is not in it. Thread-safe.
 */
public final class DelayedRelay implements Closeable {

  private static final int CHUNK = 64 * 1024;
  private static final byte[] END = {};

  private record Late(byte[] bytes, long nanoTime) {}

  private final ServerSocket listener;
  private final int target;
  private final long delayNanos;

  /**
   * Begins to listen.
   *
   * @param delayMillis of each direction
   */
  public DelayedRelay(int target, int delayMillis) throws IOException {
    this.target = target;
    delayNanos = TimeUnit.MILLISECONDS.toNanos(delayMillis);
    listener = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  private void accept() throws IOException {
    while (!listener.isClosed()) {
      Socket near = listener.accept();
      Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      pass(near, far);
      pass(far, near);
    }
  }

  private void pass(Socket from, Socket to) {
    BlockingQueue<Late> onItsWay = new LinkedBlockingQueue<>();
    start(
        () -> {
          InputStream in = from.getInputStream();
          byte[] buffer = new byte[CHUNK];
          try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
              onItsWay.add(new Late(Arrays.copyOf(buffer, n), System.nanoTime() + delayNanos));
            }
          } finally {
            onItsWay.add(new Late(END, System.nanoTime() + delayNanos));
          }
        });
    start(
        () -> {
          OutputStream out = to.getOutputStream();
          try {
            for (Late late = onItsWay.take(); late.bytes() != END; late = onItsWay.take()) {
              TimeUnit.NANOSECONDS.sleep(late.nanoTime() - System.nanoTime());
              out.write(late.bytes());
            }
            to.shutdownOutput();
          } catch (InterruptedException e) {
            to.close();
          } finally {
            if (from.isOutputShutdown() || to.isInputShutdown()) {
              from.close();
              to.close();
            }
          }
        });
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // The connection's end, or ours.
              }
            },
            "distance");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
