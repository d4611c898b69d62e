package io.portal.cli;

/** Ends a command with a message for the person who typed it and an exit code. */
final class CliException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Exit exit;

  CliException(Exit exit, String message) {
    super(message);
    this.exit = exit;
  }

  CliException(Exit exit, String message, Throwable cause) {
    super(message, cause);
    this.exit = exit;
  }

  static CliException usage(String message) {
    return new CliException(Exit.USAGE, message);
  }

  Exit exit() {
    return exit;
  }

  /** The message; never null, unlike that of other exceptions. */
  String text() {
    return String.valueOf(getMessage());
  }
}
