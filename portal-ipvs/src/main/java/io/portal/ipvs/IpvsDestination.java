package io.portal.ipvs;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;

/**
 * A destination's identity and settings, a real server behind a service; what it counts is apart,
 * in {@link IpvsDestinationEntry}.
 *
 * @param address the server's address
 * @param port 0 to 65535; 0 keeps the packet's own port
 * @param forwarder how packets reach it
 * @param weight its share, 0 to 2^31-1; 0 for no new connections
 * @param upperThreshold no new connections from this many on, 0 to 2^32-1; 0 for no limit
 * @param lowerThreshold new connections again below this many; 0 for three quarters of the upper
 * @param tunnel how packets are wrapped with forwarder TUNNEL
 */
public record IpvsDestination(
    InetAddress address,
    int port,
    IpvsForwarder forwarder,
    int weight,
    long upperThreshold,
    long lowerThreshold,
    IpvsTunnel tunnel) {

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException naming the field, the value and what is allowed
   */
  public IpvsDestination {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port '" + port + "': must be 0 to 65535");
    }
    if (weight < 0) {
      throw new IllegalArgumentException("weight '" + weight + "': must be 0 to 2147483647");
    }
    checkThreshold("upper threshold", upperThreshold);
    checkThreshold("lower threshold", lowerThreshold);
  }

  /** A destination of weight 1 without thresholds. */
  public static IpvsDestination of(InetAddress address, int port, IpvsForwarder forwarder) {
    return new IpvsDestination(address, port, forwarder, 1, 0, 0, IpvsTunnel.IPIP);
  }

  /** This destination with another weight. */
  public IpvsDestination withWeight(int newWeight) {
    return new IpvsDestination(
        address, port, forwarder, newWeight, upperThreshold, lowerThreshold, tunnel);
  }

  /** This destination with other thresholds. */
  public IpvsDestination withThresholds(long upper, long lower) {
    return new IpvsDestination(address, port, forwarder, weight, upper, lower, tunnel);
  }

  /** This destination with another tunnel. */
  public IpvsDestination withTunnel(IpvsTunnel newTunnel) {
    return new IpvsDestination(
        address, port, forwarder, weight, upperThreshold, lowerThreshold, newTunnel);
  }

  /** Address and port as people write them. */
  public String display() {
    return InetAddresses.toUriString(address) + ":" + port;
  }

  /**
   * Refuses what the kernel would take but never balance by. Not in the constructor, because a
   * kernel may hold it.
   */
  void checkSendable(IpvsKey service) {
    if (forwarder == IpvsForwarder.OTHER) {
      throw new IllegalArgumentException("forwarder 'OTHER': must be one that is known");
    }
    if (forwarder == IpvsForwarder.TUNNEL && tunnel.type() == IpvsTunnel.Type.OTHER) {
      throw new IllegalArgumentException("tunnel 'OTHER': must be one that is known");
    }
    if (forwarder != IpvsForwarder.TUNNEL && IpvsFamily.of(address) != service.family()) {
      throw new IllegalArgumentException(
          "address '" + display() + "': must be of the service's family, unless with a tunnel");
    }
    if (lowerThreshold > upperThreshold) {
      throw new IllegalArgumentException(
          "lower threshold '" + lowerThreshold + "': must not be above the upper one");
    }
    boolean rewritten = forwarder == IpvsForwarder.MASQUERADE || forwarder == IpvsForwarder.LOCAL;
    if (!rewritten && service instanceof IpvsKey.Socket socket && socket.port() != port) {
      throw new IllegalArgumentException(
          "port '" + port + "': must be the service's, " + socket.port() + ", with " + forwarder);
    }
  }

  private static void checkThreshold(String field, long value) {
    if (value < 0 || value > 0xffffffffL) {
      throw new IllegalArgumentException(field + " '" + value + "': must be 0 to 4294967295");
    }
  }
}
