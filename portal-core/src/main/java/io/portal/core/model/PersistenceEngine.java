package io.portal.core.model;

import io.portal.core.InvalidException;
import java.util.Locale;

/** What a client is known by, for persistence, other than its address ({@code ip_vs_pe_*.c}). */
public enum PersistenceEngine {
  /** The Call-ID of SIP over UDP. */
  SIP;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** The kernel's name of it, lower case. */
  public String text() {
    return text;
  }

  /**
   * The engine of that name.
   *
   * @throws InvalidException if there is no such engine
   */
  public static PersistenceEngine parse(String text) {
    for (PersistenceEngine engine : values()) {
      if (engine.text.equals(text)) {
        return engine;
      }
    }
    throw InvalidException.field("pe", text, "sip, or empty");
  }

  @Override
  public String toString() {
    return text;
  }
}
