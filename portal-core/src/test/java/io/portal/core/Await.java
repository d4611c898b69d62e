package io.portal.core;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;

/** Waits for a condition, in tests, with a limit. */
public final class Await {

  private static final Duration LIMIT = Duration.ofSeconds(20);

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
        Thread.onSpinWait();
      }
    } catch (AssertionError e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(what, e);
    }
  }
}
