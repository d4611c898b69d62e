package io.portal.api.http;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Lets so many lines into the log in each span of time and counts what it holds back, for lines
 * that strangers can cause. Thread-safe.
 */
final class LogLimit {

  private final int lines;
  private final long span;
  private final LongSupplier nanoTime;
  private long start;
  private int written;
  private long held;

  /**
   * A limit.
   *
   * @param nanoTime the clock, as {@link System#nanoTime()}
   */
  LogLimit(int lines, Duration span, LongSupplier nanoTime) {
    this.lines = lines;
    this.span = span.toNanos();
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
  }

  /**
   * Asks to write a line.
   *
   * @return how many lines were held back since the last one; empty if this one is held back too
   */
  synchronized OptionalLong admit() {
    long now = nanoTime.getAsLong();
    if (now - start >= span) {
      start = now;
      written = 0;
    }
    if (written == lines) {
      held++;
      return OptionalLong.empty();
    }
    written++;
    long before = held;
    held = 0;
    return OptionalLong.of(before);
  }
}
