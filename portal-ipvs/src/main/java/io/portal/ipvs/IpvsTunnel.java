package io.portal.ipvs;

/**
 * How packets are wrapped for a destination of forwarder {@link IpvsForwarder#TUNNEL}. Kernels
 * before 5.3 have {@link #IPIP} only.
 *
 * @param type the kind of tunnel
 * @param port UDP port that packets go to, 1 to 65535, with {@link Type#GUE}; else 0
 * @param checksum checksum of the wrapping header, with {@link Type#GUE} and {@link Type#GRE}
 */
public record IpvsTunnel(Type type, int port, Checksum checksum) {

  /** IP in IP, the only one of older kernels. */
  public static final IpvsTunnel IPIP = new IpvsTunnel(Type.IPIP, 0, Checksum.NONE);

  /** IP_VS_CONN_F_TUNNEL_TYPE_* in include/uapi/linux/ip_vs.h. */
  public enum Type {
    /** IP in IP. */
    IPIP(0),
    /** Generic UDP encapsulation. */
    GUE(1),
    /** Generic routing encapsulation. */
    GRE(2),
    /** One of a newer kernel. Read only. */
    OTHER(-1);

    private final int wire;

    Type(int wire) {
      this.wire = wire;
    }

    int wire() {
      return wire;
    }

    static Type ofWire(int value) {
      return switch (value) {
        case 0 -> IPIP;
        case 1 -> GUE;
        case 2 -> GRE;
        default -> OTHER;
      };
    }
  }

  /** IP_VS_TUNNEL_ENCAP_FLAG_* in include/uapi/linux/ip_vs.h. */
  public enum Checksum {
    /** None. */
    NONE(0),
    /** A full checksum. */
    FULL(1),
    /** Remote checksum offload. */
    REMOTE(2);

    private final int wire;

    Checksum(int wire) {
      this.wire = wire;
    }

    int wire() {
      return wire;
    }

    static Checksum ofWire(int flags) {
      if ((flags & FULL.wire) != 0) {
        return FULL;
      }
      return (flags & REMOTE.wire) != 0 ? REMOTE : NONE;
    }
  }

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if the port does not fit the type
   */
  public IpvsTunnel {
    if (type == Type.GUE ? port < 1 || port > 65535 : type != Type.OTHER && port != 0) {
      throw new IllegalArgumentException(
          "tunnel port '" + port + "': must be 1 to 65535 with gue, 0 with other types");
    }
    if (type == Type.IPIP && checksum != Checksum.NONE) {
      throw new IllegalArgumentException(
          "tunnel checksum '" + checksum + "': must be NONE with ipip");
    }
  }

  /** A GUE tunnel to that UDP port. */
  public static IpvsTunnel gue(int port, Checksum checksum) {
    return new IpvsTunnel(Type.GUE, port, checksum);
  }

  /** A GRE tunnel. */
  public static IpvsTunnel gre(Checksum checksum) {
    return new IpvsTunnel(Type.GRE, 0, checksum);
  }
}
