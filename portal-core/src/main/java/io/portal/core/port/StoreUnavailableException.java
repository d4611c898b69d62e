package io.portal.core.port;

/** The store cannot be written now, but may be later: what was asked is answered with 503. */
public final class StoreUnavailableException extends StoreException {

  private static final long serialVersionUID = 1L;

  /** An error with its message. */
  public StoreUnavailableException(String message) {
    super(message);
  }

  /** An error with its message and cause. */
  public StoreUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
