package io.portal.core;

/** A value is out of its range: the message names the field, the value and what is allowed. */
public final class InvalidException extends PortalException {

  private static final long serialVersionUID = 1L;

  /** An error whose whole message is given. */
  public InvalidException(String message) {
    super(message);
  }

  /**
   * An error of one field.
   *
   * @param field the field's name as users write it
   * @param value what was given
   * @param allowed what would have been allowed, as the end of a sentence "must be ..."
   */
  public static InvalidException field(String field, Object value, String allowed) {
    String shown = String.valueOf(value);
    if (shown.length() > 200) {
      shown = shown.substring(0, 200) + "...";
    }
    return new InvalidException("Invalid " + field + " - '" + shown + "': must be " + allowed);
  }
}
