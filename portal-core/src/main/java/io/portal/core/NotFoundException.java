package io.portal.core;

/** What was named is not there. */
public final class NotFoundException extends PortalException {

  private static final long serialVersionUID = 1L;

  /** An error with the message that is shown, such as {@code No Service Found}. */
  public NotFoundException(String message) {
    super(message);
  }

  /** The service that was named is not there. */
  public static NotFoundException service() {
    return new NotFoundException("No Service Found");
  }

  /** The server that was named is not there. */
  public static NotFoundException server() {
    return new NotFoundException("No Server Found");
  }
}
