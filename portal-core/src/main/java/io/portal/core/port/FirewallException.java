package io.portal.core.port;

/** A packet filter cannot be read or changed; the message says what and why. */
public final class FirewallException extends Exception {

  private static final long serialVersionUID = 1L;

  /** An error with its message. */
  public FirewallException(String message) {
    super(message);
  }

  /** An error with its message and cause. */
  public FirewallException(String message, Throwable cause) {
    super(message, cause);
  }
}
