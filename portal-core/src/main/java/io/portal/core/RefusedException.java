package io.portal.core;

/**
 * The kernel, nginx, the proxy or the store refused: the message names the operation, its subject
 * and the error. Nothing was changed.
 */
public final class RefusedException extends PortalException {

  private static final long serialVersionUID = 1L;

  /** An error with the message that is shown. */
  public RefusedException(String message) {
    super(message);
  }

  /** An error with the message that is shown and what caused it. */
  public RefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
