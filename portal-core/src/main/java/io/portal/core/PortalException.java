package io.portal.core;

/**
 * What portal answers instead of a result: one subclass for each kind of refusal, the message
 * always fit to be shown to whoever asked.
 */
public abstract sealed class PortalException extends RuntimeException
    permits InvalidException,
        NotFoundException,
        ConflictException,
        RefusedException,
        UnavailableException {

  private static final long serialVersionUID = 1L;

  PortalException(String message) {
    super(message);
  }

  PortalException(String message, Throwable cause) {
    super(message, cause);
  }
}
