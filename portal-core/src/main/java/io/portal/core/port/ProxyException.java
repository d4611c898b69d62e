package io.portal.core.port;

/** The proxy cannot serve what it was given; the message says what and why. */
public final class ProxyException extends Exception {

  private static final long serialVersionUID = 1L;

  /** An error with its message. */
  public ProxyException(String message) {
    super(message);
  }

  /** An error with its message and cause. */
  public ProxyException(String message, Throwable cause) {
    super(message, cause);
  }
}
