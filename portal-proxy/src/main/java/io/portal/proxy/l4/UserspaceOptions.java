package io.portal.proxy.l4;

import io.portal.core.InvalidException;
import java.time.Duration;

/**
 * How the userspace balancer works.
 *
 * @param threads event loops, 0 for twice the processors
 * @param nativeTransport whether to use epoll where the host has it
 * @param connectTimeout how long a server may take to accept a connection
 * @param udpIdle how long a UDP session lives without a datagram in either direction
 * @param udpSessions UDP sessions of one service at most; the one idle longest makes room
 * @param spliceAfter bytes of a TCP connection relayed in this process before the kernel passes on
 *     the rest by splice(2), where epoll is used; {@link Long#MAX_VALUE} for never
 */
public record UserspaceOptions(
    int threads,
    boolean nativeTransport,
    Duration connectTimeout,
    Duration udpIdle,
    int udpSessions,
    long spliceAfter) {

  /** Five seconds to connect; five minutes of idleness for UDP, as in the kernel. */
  public static final UserspaceOptions DEFAULT =
      new UserspaceOptions(0, true, Duration.ofSeconds(5), Duration.ofMinutes(5), 16_384, 1 << 20);

  /**
   * Checks the parts.
   *
   * @throws InvalidException if one is out of its range
   */
  public UserspaceOptions {
    if (threads < 0) {
      throw InvalidException.field("threads", threads, "0 or more");
    }
    checkDuration("connect timeout", connectTimeout);
    checkDuration("udp idle time", udpIdle);
    if (udpSessions < 1) {
      throw InvalidException.field("udp sessions", udpSessions, "1 or more");
    }
    if (spliceAfter < 1) {
      throw InvalidException.field("splice threshold", spliceAfter, "1 or more bytes");
    }
  }

  private static void checkDuration(String field, Duration value) {
    if (value.toMillis() < 1 || value.compareTo(Duration.ofDays(1)) > 0) {
      throw InvalidException.field(field, value, "1 millisecond to 1 day");
    }
  }
}
