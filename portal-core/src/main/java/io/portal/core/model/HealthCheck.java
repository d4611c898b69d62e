package io.portal.core.model;

import io.portal.core.InvalidException;
import java.time.Duration;

/**
 * How a route's targets are asked whether they are alive. A target is alive when everything that is
 * set here holds.
 *
 * @param endpoint path that is asked for; empty for no check
 * @param expectedCode the status it must answer, 100 to 599
 * @param expectedBody the body it must answer; empty for any
 * @param expectedHeader a header it must answer, {@code name:value}; empty for none
 * @param host Host header of the question; empty for the target's own
 * @param timeout how long an answer may take
 * @param attempts failures in a row until the target is taken out
 */
public record HealthCheck(
    String endpoint,
    int expectedCode,
    String expectedBody,
    String expectedHeader,
    String host,
    Duration timeout,
    int attempts) {

  /** No check, with every default in its place. */
  public static final HealthCheck NONE =
      new HealthCheck("", 200, "", "", "", Duration.ofMillis(3000), 3);

  /**
   * Checks the parts.
   *
   * @throws InvalidException if one is out of its range
   */
  public HealthCheck {
    if (expectedCode < 100 || expectedCode > 599) {
      throw InvalidException.field("expected_code", expectedCode, "a status of 100 to 599");
    }
    if (!expectedHeader.isEmpty() && expectedHeader.indexOf(':') < 1) {
      throw InvalidException.field("expected_header", expectedHeader, "name:value");
    }
    if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(Duration.ofHours(1)) > 0) {
      throw InvalidException.field("timeout", timeout.toMillis(), "1 to 3600000 milliseconds");
    }
    if (attempts < 1 || attempts > 1000) {
      throw InvalidException.field("attempts", attempts, "1 to 1000");
    }
  }

  /** Whether targets are asked at all. */
  public boolean enabled() {
    return !endpoint.isEmpty();
  }
}
