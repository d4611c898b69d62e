package io.portal.ipvs;

/**
 * What a service or destination counted, and its present rates. Counters are unsigned and of 64
 * bits; kernels before 4.1 give 32 bits, which wrap.
 *
 * @param connections connections scheduled
 * @param inPackets packets towards destinations
 * @param outPackets packets towards clients, where they pass this host
 * @param inBytes bytes towards destinations
 * @param outBytes bytes towards clients, where they pass this host
 * @param connectionsPerSecond present rate
 * @param inPacketsPerSecond present rate
 * @param outPacketsPerSecond present rate
 * @param inBytesPerSecond present rate
 * @param outBytesPerSecond present rate
 */
public record IpvsStats(
    long connections,
    long inPackets,
    long outPackets,
    long inBytes,
    long outBytes,
    long connectionsPerSecond,
    long inPacketsPerSecond,
    long outPacketsPerSecond,
    long inBytesPerSecond,
    long outBytesPerSecond) {

  /** Nothing counted. */
  public static final IpvsStats NONE = new IpvsStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
