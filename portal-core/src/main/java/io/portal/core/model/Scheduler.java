package io.portal.core.model;

import io.portal.core.InvalidException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How a server is picked for a new connection; the names are the kernel's ({@code
 * net/netfilter/ipvs/ip_vs_*.c}).
 */
public enum Scheduler {
  /** Round robin. */
  RR,
  /** Weighted round robin. */
  WRR,
  /** Least connections. */
  LC,
  /** Weighted least connections. */
  WLC,
  /** Locality-based least connections. */
  LBLC,
  /** Locality-based least connections with replication. */
  LBLCR,
  /** Destination hashing. */
  DH,
  /** Source hashing. */
  SH,
  /** Shortest expected delay. */
  SED,
  /** Never queue. */
  NQ,
  /** Weighted failover. */
  FO,
  /** Weighted overflow. */
  OVF,
  /** Maglev hashing. */
  MH,
  /** Power of two random choices. */
  TWOS;

  /** What a service gets that names none. */
  public static final Scheduler DEFAULT = WLC;

  private static final String NAMES =
      Arrays.stream(values()).map(Scheduler::text).collect(Collectors.joining(", "));

  private final String text = name().toLowerCase(Locale.ROOT);

  /** The kernel's name of it, lower case. */
  public String text() {
    return text;
  }

  /**
   * The scheduler of that name; an empty one is {@link #DEFAULT}.
   *
   * @throws InvalidException if there is no such scheduler
   */
  public static Scheduler parse(String text) {
    if (text.isEmpty()) {
      return DEFAULT;
    }
    for (Scheduler scheduler : values()) {
      if (scheduler.text.equals(text)) {
        return scheduler;
      }
    }
    throw InvalidException.field("scheduler", text, "one of " + NAMES);
  }

  @Override
  public String toString() {
    return text;
  }
}
