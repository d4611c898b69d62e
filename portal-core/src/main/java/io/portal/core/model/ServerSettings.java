package io.portal.core.model;

import io.portal.core.InvalidException;

/**
 * What can be changed of a server while its connections live on.
 *
 * @param forwarder how packets reach it
 * @param weight its share, 0 to 65535; 0 for no new connections
 * @param upperThreshold no new connections from this many on; 0 for no limit
 * @param lowerThreshold new connections again below this many; 0 for not set
 * @param tunnel how packets are wrapped with forwarder {@link Forwarder#TUNNEL}; {@link
 *     Tunnel#IPIP} with the others
 */
public record ServerSettings(
    Forwarder forwarder, int weight, long upperThreshold, long lowerThreshold, Tunnel tunnel) {

  /** The largest weight. */
  public static final int MAX_WEIGHT = 65535;

  /** Default forwarder, weight 1, no thresholds. */
  public static final ServerSettings DEFAULT = new ServerSettings(Forwarder.DEFAULT, 1, 0, 0);

  /**
   * Checks the parts.
   *
   * @throws InvalidException if one is out of its range
   */
  public ServerSettings {
    if (weight < 0 || weight > MAX_WEIGHT) {
      throw InvalidException.field("weight", weight, "0 to " + MAX_WEIGHT);
    }
    checkThreshold("upper_threshold", upperThreshold);
    checkThreshold("lower_threshold", lowerThreshold);
    if (lowerThreshold > upperThreshold) {
      throw InvalidException.field(
          "lower_threshold",
          lowerThreshold,
          "not above upper_threshold, which is " + upperThreshold);
    }
    if (forwarder != Forwarder.TUNNEL && !tunnel.equals(Tunnel.IPIP)) {
      throw InvalidException.field(
          "tunnel", tunnel.type(), "empty with forwarder " + forwarder + ": it is for forwarder i");
    }
  }

  /** Settings with the usual tunnel. */
  public ServerSettings(Forwarder forwarder, int weight, long upperThreshold, long lowerThreshold) {
    this(forwarder, weight, upperThreshold, lowerThreshold, Tunnel.IPIP);
  }

  private static void checkThreshold(String field, long value) {
    if (value < 0 || value > 0xffffffffL) {
      throw InvalidException.field(field, value, "0 to 4294967295");
    }
  }

  /** These settings with another weight. */
  public ServerSettings withWeight(int newWeight) {
    return new ServerSettings(forwarder, newWeight, upperThreshold, lowerThreshold, tunnel);
  }
}
