package io.portal.core.port;

/** The store could not do what was asked; the message says what and why. */
public class StoreException extends Exception {

  private static final long serialVersionUID = 1L;

  /** An error with its message. */
  public StoreException(String message) {
    super(message);
  }

  /** An error with its message and cause. */
  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
