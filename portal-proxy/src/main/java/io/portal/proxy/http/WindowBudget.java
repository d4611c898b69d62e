package io.portal.proxy.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes all HTTP/2 streams of a proxy together may be sent ahead, beyond the window that
 * each of them begins with. It bounds what a side that does not read makes the proxy keep.
 * Thread-safe, never blocks.
 */
final class WindowBudget {

  private final AtomicLong left;

  WindowBudget(long bytes) {
    left = new AtomicLong(bytes);
  }

  /** A quarter of the heap's limit, which is Netty's limit of direct memory too. */
  static WindowBudget ofMemory() {
    return new WindowBudget(Runtime.getRuntime().maxMemory() / 4);
  }

  /**
   * Takes this many bytes, or none.
   *
   * @return whether they were there
   */
  boolean take(int bytes) {
    if (left.addAndGet(-bytes) >= 0) {
      return true;
    }
    left.addAndGet(bytes);
    return false;
  }

  void giveBack(int bytes) {
    left.addAndGet(bytes);
  }

  /** How many bytes may still be taken. */
  long left() {
    return left.get();
  }
}
