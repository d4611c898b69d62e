package io.portal.cli;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long a client goes on trying to connect to a daemon that does not listen yet. Nothing of a
 * request has been sent by then, so that trying again never does a thing twice.
 */
final class ConnectRetry {

  /** A daemon is there a second or so after its start; a command takes a fifth of one. */
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Duration limit;
  private final LongSupplier nanoTime;
  private final Pause pause;
  private final long start;

  /** How time passes between two attempts. */
  interface Pause {

    /** Blocks for that long. */
    void sleep(Duration time) throws InterruptedException;
  }

  /**
   * Retries.
   *
   * @param limit zero for a single attempt
   * @param nanoTime the clock, as {@link System#nanoTime}
   */
  ConnectRetry(Duration limit, LongSupplier nanoTime, Pause pause) {
    this.limit = limit;
    this.nanoTime = nanoTime;
    this.pause = pause;
    this.start = limit.isZero() ? 0 : nanoTime.getAsLong();
  }

  /** For that long from now; zero for a single attempt. */
  static ConnectRetry within(Duration limit) {
    return new ConnectRetry(limit, System::nanoTime, time -> Thread.sleep(time.toMillis()));
  }

  /** Waits a moment; false if the time is over, and the last error is to be told. */
  boolean again() {
    if (limit.isZero()) {
      return false;
    }
    long left = limit.toNanos() - (nanoTime.getAsLong() - start);
    if (left <= 0) {
      return false;
    }
    try {
      pause.sleep(Duration.ofNanos(Math.min(left, PAUSE.toNanos())));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
