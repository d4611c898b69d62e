package io.portal.ipvs;

import java.time.Duration;

/**
 * How long idle connections are kept. In whole seconds; zero leaves a value as it is when set.
 *
 * @param tcp established TCP connections
 * @param tcpFin TCP connections after a FIN
 * @param udp UDP "connections"
 */
public record IpvsTimeouts(Duration tcp, Duration tcpFin, Duration udp) {

  /** The kernel refuses more: INT_MAX / HZ with the largest HZ of 1000. */
  private static final long MAX_SECONDS = Integer.MAX_VALUE / 1000;

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if one is negative, too long or not of whole seconds
   */
  public IpvsTimeouts {
    check("tcp", tcp);
    check("tcp fin", tcpFin);
    check("udp", udp);
  }

  private static void check(String field, Duration value) {
    if (value.isNegative() || value.toNanosPart() != 0 || value.toSeconds() > MAX_SECONDS) {
      throw new IllegalArgumentException(
          field + " timeout '" + value + "': must be whole seconds, 0 to " + MAX_SECONDS);
    }
  }
}
