package io.portal.cli;

/** How the process ends. Scripts rely on these numbers. */
enum Exit {
  /** Done. */
  OK(0),
  /** The API refused; also a check that found something missing. */
  REFUSED(1),
  /** The command line cannot be understood. */
  USAGE(2),
  /** Nobody answers, or it is not known who does. */
  UNREACHABLE(3),
  /** The token is missing or wrong. */
  UNAUTHORISED(4);

  private final int code;

  Exit(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
