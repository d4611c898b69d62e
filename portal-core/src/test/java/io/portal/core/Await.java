package io.portal.core;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, in tests, with a limit. */
public final class Await {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final long PAUSE_NANOS = 300_000;

  private Await() {}

  /**
   * Returns as soon as the condition holds.
   *
   * @param what the condition in words, for the error
   * @throws AssertionError if it does not hold within 20 s, or fails
   */
  public static void await(String what, Callable<Boolean> condition) {
    Instant limit = Instant.now().plus(LIMIT);
    try {
      while (!condition.call()) {
        if (Instant.now().isAfter(limit)) {
          throw new AssertionError("not within " + LIMIT + ": " + what);
        }
        pause();
      }
    } catch (AssertionError e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(what, e);
    }
  }

  /**
   * Lets others run between two looks at a condition: whoever is awaited may need this processor,
   * which a loop that spins would keep.
   */
  public static void pause() {
    LockSupport.parkNanos(PAUSE_NANOS);
  }
}
