package io.portal.core;

/** The change contradicts something that is already there. */
public final class ConflictException extends PortalException {

  private static final long serialVersionUID = 1L;

  /** An error with the message that is shown. */
  public ConflictException(String message) {
    super(message);
  }
}
