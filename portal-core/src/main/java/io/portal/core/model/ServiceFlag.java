package io.portal.core.model;

import io.portal.core.InvalidException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A trait of a service besides scheduler and persistence; the words are those of {@code ipvsadm}
 * (ipvsadm(8), {@code --ops} and {@code --sched-flags}).
 */
public enum ServiceFlag {
  /** One-packet scheduling: every datagram is scheduled anew. */
  OPS("ops", null),
  /** Source hashing takes the client's port too. */
  SH_PORT("sh-port", Scheduler.SH),
  /** Source hashing tries another server where the first one takes no connections. */
  SH_FALLBACK("sh-fallback", Scheduler.SH),
  /** Maglev hashing takes the client's port too. */
  MH_PORT("mh-port", Scheduler.MH),
  /** Maglev hashing tries another server where the first one takes no connections. */
  MH_FALLBACK("mh-fallback", Scheduler.MH);

  private static final String NAMES =
      Arrays.stream(values()).map(ServiceFlag::text).collect(Collectors.joining(", "));

  private final String text;
  private final @Nullable Scheduler scheduler;

  ServiceFlag(String text, @Nullable Scheduler scheduler) {
    this.text = text;
    this.scheduler = scheduler;
  }

  /** The word users write. */
  public String text() {
    return text;
  }

  /** The only scheduler that knows it; null for a flag of all of them. */
  public @Nullable Scheduler scheduler() {
    return scheduler;
  }

  /**
   * The flag of that word.
   *
   * @throws InvalidException if there is no such flag
   */
  public static ServiceFlag parse(String text) {
    for (ServiceFlag flag : values()) {
      if (flag.text.equals(text)) {
        return flag;
      }
    }
    throw InvalidException.field("flags", text, "of " + NAMES);
  }

  @Override
  public String toString() {
    return text;
  }
}
