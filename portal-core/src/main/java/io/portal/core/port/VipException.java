package io.portal.core.port;

/** Addresses cannot be read or changed; the message says what and why. */
public final class VipException extends Exception {

  private static final long serialVersionUID = 1L;

  /** An error with its message. */
  public VipException(String message) {
    super(message);
  }

  /** An error with its message and cause. */
  public VipException(String message, Throwable cause) {
    super(message, cause);
  }
}
