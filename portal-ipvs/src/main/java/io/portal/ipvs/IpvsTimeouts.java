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

  /** INT_MAX / HZ with the smallest HZ of 100; kernels with a larger one refuse less, by EINVAL. */
  private static final long MAX_SECONDS = Integer.MAX_VALUE / 100;

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
