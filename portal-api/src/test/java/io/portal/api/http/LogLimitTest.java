package io.portal.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Lines that strangers can cause do not fill the log. */
class LogLimitTest {

  @Test
  void linesBeyondTheLimitAreHeldBackAndCounted() {
    AtomicLong clock = new AtomicLong(Long.MAX_VALUE);
    LogLimit limit = new LogLimit(2, Duration.ofMinutes(1), clock::get);
    assertThat(limit.admit()).hasValue(0);
    clock.addAndGet(Duration.ofSeconds(59).toNanos()); // the clock may overflow
    assertThat(limit.admit()).hasValue(0);
    assertThat(limit.admit()).isEmpty();
    assertThat(limit.admit()).isEmpty();
    clock.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(limit.admit()).hasValue(2);
    assertThat(limit.admit()).hasValue(0);
    assertThat(limit.admit()).isEmpty();
  }
}
