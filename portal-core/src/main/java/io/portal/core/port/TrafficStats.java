package io.portal.core.port;

/**
 * Traffic since the service or server was added, and present rates. Unsigned 64-bit counters.
 *
 * @param connections connections scheduled
 * @param inPackets packets towards servers
 * @param outPackets packets towards clients; 0 where answers do not pass this host
 * @param inBytes bytes towards servers
 * @param outBytes bytes towards clients
 * @param connectionsPerSecond present rate
 * @param inPacketsPerSecond present rate
 * @param outPacketsPerSecond present rate
 * @param inBytesPerSecond present rate
 * @param outBytesPerSecond present rate
 */
public record TrafficStats(
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

  /** No traffic. */
  public static final TrafficStats NONE = new TrafficStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
