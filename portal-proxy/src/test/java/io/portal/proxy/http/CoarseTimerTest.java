package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Deadlines on a wheel, by a clock that a test turns. */
class CoarseTimerTest {

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1_000_000);
  private final List<String> due = new ArrayList<>();
  private EmbeddedChannel channel;
  private CoarseTimer timer;

  private final class Named extends CoarseTimer.Deadline {

    private final String name;

    Named(String name) {
      this.name = name;
    }

    @Override
    void due(long nanoTime) {
      due.add(name);
    }
  }

  @BeforeEach
  void start() {
    channel = new EmbeddedChannel();
    channel.freezeTime();
    timer = new CoarseTimer(channel.eventLoop(), Limits.DEFAULT, clock::get);
  }

  @AfterEach
  void close() {
    channel.close();
  }

  private void turn(Duration time) {
    for (long left = time.toNanos(); left > 0; left -= timer.periodNanos()) {
      clock.addAndGet(timer.periodNanos());
      channel.advanceTimeBy(timer.periodNanos(), TimeUnit.NANOSECONDS);
      channel.runScheduledPendingTasks();
    }
  }

  private void set(Named deadline, Duration in) {
    timer.set(deadline, clock.get() + in.toNanos());
  }

  @Test
  void areMetOnceAndNotTooEarly() {
    set(new Named("one"), Duration.ofSeconds(5));
    turn(Duration.ofMillis(4900));
    assertThat(due).isEmpty();
    turn(Duration.ofMillis(600));
    assertThat(due).containsExactly("one");
    turn(Duration.ofMinutes(10));
    assertThat(due).containsExactly("one");
  }

  @Test
  void mayBeFurtherAwayThanTheWheelReaches() {
    set(new Named("far"), Duration.ofHours(1));
    turn(Duration.ofMinutes(59));
    assertThat(due).isEmpty();
    turn(Duration.ofMinutes(2));
    assertThat(due).containsExactly("far");
  }

  @Test
  void becomeEarlierButNotLater() {
    Named one = new Named("one");
    set(one, Duration.ofSeconds(100));
    set(one, Duration.ofSeconds(5));
    set(one, Duration.ofSeconds(50));
    turn(Duration.ofSeconds(6));
    assertThat(due).containsExactly("one");
    turn(Duration.ofSeconds(200));
    assertThat(due).containsExactly("one");
  }

  @Test
  void canBeTakenBackEvenByOneThatIsDueAtTheSameTime() {
    Named other = new Named("other");
    timer.set(
        new CoarseTimer.Deadline() {
          @Override
          void due(long nanoTime) {
            timer.clear(other);
            due.add("first");
          }
        },
        clock.get() + 1);
    set(other, Duration.ofNanos(1));
    turn(Duration.ofSeconds(1));
    assertThat(due).containsExactly("first");
  }

  @Test
  void areMetAfterAJumpOfTheClock() {
    for (int seconds = 1; seconds <= 300; seconds += 7) {
      set(new Named(String.valueOf(seconds)), Duration.ofSeconds(seconds));
    }
    clock.addAndGet(Duration.ofSeconds(1000).toNanos());
    turn(Duration.ofMillis(1));
    assertThat(due).hasSize(43);
  }

  /** What is far away is not looked at. */
  @Test
  void costNothingBeforeTheirTime() {
    List<CoarseTimer.Deadline> many = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      Named one = new Named("idle");
      many.add(one);
      set(one, Duration.ofSeconds(120));
    }
    turn(Duration.ofSeconds(119));
    assertThat(timer.looks()).isZero();
    turn(Duration.ofSeconds(2));
    assertThat(due).hasSize(5000);
  }
}
