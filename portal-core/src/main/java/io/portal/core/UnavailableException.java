package io.portal.core;

/** The store or the cluster cannot take writes now; the same call may succeed later. */
public final class UnavailableException extends PortalException {

  private static final long serialVersionUID = 1L;

  /** An error with the message that is shown. */
  public UnavailableException(String message) {
    super(message);
  }

  /** An error with the message that is shown and what caused it. */
  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
