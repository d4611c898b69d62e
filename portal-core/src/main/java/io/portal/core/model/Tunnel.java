package io.portal.core.model;

import io.portal.core.InvalidException;
import java.util.Locale;

/**
 * How packets are wrapped for a server with forwarder {@link Forwarder#TUNNEL}; the words are those
 * of {@code ipvsadm} ({@code --tun-type}, {@code --tun-port}, {@code --tun-csum}). Kernels before
 * 5.3 have {@link #IPIP} only.
 *
 * @param type the kind of tunnel
 * @param port UDP port that packets go to, 1 to 65535, with {@link Type#GUE}; else 0
 * @param checksum checksum of the wrapping header, with {@link Type#GUE} and {@link Type#GRE}
 */
public record Tunnel(Type type, int port, Checksum checksum) {

  /** IP in IP, what a server has that names none. */
  public static final Tunnel IPIP = new Tunnel(Type.IPIP, 0, Checksum.NOCSUM);

  /** The kind of tunnel. */
  public enum Type {
    /** IP in IP. */
    IPIP,
    /** Generic UDP encapsulation. */
    GUE,
    /** Generic routing encapsulation. */
    GRE;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The word users write, lower case. */
    public String text() {
      return text;
    }

    /**
     * The type of that word; an empty one is {@link #IPIP}.
     *
     * @throws InvalidException if there is no such type
     */
    public static Type parse(String text) {
      for (Type type : values()) {
        if (type.text.equals(text.isEmpty() ? IPIP.text : text)) {
          return type;
        }
      }
      throw InvalidException.field("tunnel type", text, "one of ipip, gue, gre");
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** The checksum of the wrapping header. */
  public enum Checksum {
    /** None. */
    NOCSUM,
    /** A full checksum. */
    CSUM,
    /** Remote checksum offload. */
    REMCSUM;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The word users write, lower case. */
    public String text() {
      return text;
    }

    /**
     * The checksum of that word; an empty one is {@link #NOCSUM}.
     *
     * @throws InvalidException if there is no such checksum
     */
    public static Checksum parse(String text) {
      for (Checksum checksum : values()) {
        if (checksum.text.equals(text.isEmpty() ? NOCSUM.text : text)) {
          return checksum;
        }
      }
      throw InvalidException.field("tunnel checksum", text, "one of nocsum, csum, remcsum");
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * Checks the parts.
   *
   * @throws InvalidException if the port or the checksum does not fit the type
   */
  public Tunnel {
    boolean fits = type == Type.GUE ? port >= 1 && port <= 65535 : port == 0;
    if (!fits) {
      throw InvalidException.field(
          "tunnel port", port, type == Type.GUE ? "1 to 65535 with gue" : "empty with " + type);
    }
    if (type == Type.IPIP && checksum != Checksum.NOCSUM) {
      throw InvalidException.field("tunnel checksum", checksum, "nocsum with ipip");
    }
    if (type == Type.GRE && checksum == Checksum.REMCSUM) {
      throw InvalidException.field("tunnel checksum", checksum, "nocsum or csum with gre");
    }
  }
}
