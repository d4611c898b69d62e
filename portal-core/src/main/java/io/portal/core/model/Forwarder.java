package io.portal.core.model;

import io.portal.core.InvalidException;

/** How packets reach a server. */
public enum Forwarder {
  /** Direct routing: the packet is sent on unchanged; the server has the service's address too. */
  GATEWAYING("g"),
  /** Tunnel ({@link Tunnel}): the packet is wrapped; the server has the service's address too. */
  TUNNEL("i"),
  /** Address translation; the server's answers must come back through this host. */
  MASQUERADING("m");

  /** What a server gets that names none. */
  public static final Forwarder DEFAULT = GATEWAYING;

  private final String text;

  Forwarder(String text) {
    this.text = text;
  }

  /** The letter users write, as in ipvsadm. */
  public String text() {
    return text;
  }

  /**
   * The forwarder of that letter; an empty one is {@link #DEFAULT}.
   *
   * @throws InvalidException if there is no such forwarder
   */
  public static Forwarder parse(String text) {
    if (text.isEmpty()) {
      return DEFAULT;
    }
    for (Forwarder forwarder : values()) {
      if (forwarder.text.equals(text)) {
        return forwarder;
      }
    }
    throw InvalidException.field(
        "forwarder", text, "g (gatewaying), i (ipip tunnel) or m (masquerading)");
  }

  @Override
  public String toString() {
    return text;
  }
}
