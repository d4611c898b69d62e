package io.portal.core.model;

import io.portal.core.InvalidException;
import java.util.Locale;

/** What a service is known by: a transport protocol with address and port, or a firewall mark. */
public enum ServiceType {
  TCP,
  UDP,
  SCTP,
  /** Packets that netfilter marked; the service has no address and its port is the mark. */
  FWMARK;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** The name users write, lower case. */
  public String text() {
    return text;
  }

  /**
   * The type of that name; an empty one is tcp.
   *
   * @throws InvalidException if there is no such type
   */
  public static ServiceType parse(String text) {
    if (text.isEmpty()) {
      return TCP;
    }
    for (ServiceType type : values()) {
      if (type.text.equals(text)) {
        return type;
      }
    }
    throw new InvalidException(
        "Unsupported Protocol - '" + text + "': type must be one of tcp, udp, sctp, fwmark");
  }

  @Override
  public String toString() {
    return text;
  }
}
