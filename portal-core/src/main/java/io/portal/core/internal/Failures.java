package io.portal.core.internal;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Remembers what could not be made as desired, and when to try again: after one second, then twice
 * as long each time, up to a limit. Written by the reconciler's thread, read by any.
 */
final class Failures {

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private final ConcurrentMap<String, Failure> failures = new ConcurrentHashMap<>();
  private final LongSupplier nanoTime;
  private final Duration longestPause;

  Failures(LongSupplier nanoTime, Duration longestPause) {
    this.nanoTime = nanoTime;
    this.longestPause = longestPause;
  }

  /** Notes a failed try; answers the pause until the next. */
  Duration failed(String subject, String error) {
    Failure previous = failures.get(subject);
    Duration pause = previous == null ? FIRST_PAUSE : previous.pause.multipliedBy(2);
    if (pause.compareTo(longestPause) > 0) {
      pause = longestPause;
    }
    failures.put(subject, new Failure(error, pause, nanoTime.getAsLong() + pause.toNanos()));
    return pause;
  }

  /** Notes a failed try; answers the pause until the next. */
  Duration failed(String subject, Exception error) {
    return failed(subject, String.valueOf(error.getMessage()));
  }

  /** Notes that all is well; answers whether it was not before. */
  boolean cleared(String subject) {
    return failures.remove(subject) != null;
  }

  /** Makes the next try due now; should it fail, the pause grows as ever. */
  void dueNow(String subject) {
    failures.computeIfPresent(
        subject, (key, failure) -> new Failure(failure.error, failure.pause, nanoTime.getAsLong()));
  }

  /** Whether the next try is still to wait. */
  boolean waiting(String subject) {
    Failure failure = failures.get(subject);
    return failure != null && nanoTime.getAsLong() - failure.nextTry < 0;
  }

  /** Whether the last try failed. */
  boolean failing(String subject) {
    return failures.containsKey(subject);
  }

  /** How long until the first of the next tries; empty if nothing fails. Never negative. */
  Optional<Duration> untilNextTry() {
    long now = nanoTime.getAsLong();
    return failures.values().stream()
        .map(failure -> Duration.ofNanos(Math.max(0, failure.nextTry - now)))
        .min(Duration::compareTo);
  }

  /** The errors by subject. */
  Map<String, String> errors() {
    return failures.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().error));
  }

  private record Failure(String error, Duration pause, long nextTry) {}
}
