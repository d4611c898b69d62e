package io.portal.cli;

/**
 * One thing the doctor looked at.
 *
 * @param name what
 * @param verdict how it is
 * @param finding what was found
 * @param remedy the command that mends it, or what to do; empty where nothing needs mending
 */
record Check(String name, Verdict verdict, String finding, String remedy) {

  /** How a thing is. */
  enum Verdict {
    /** As it should be. */
    OK("ok"),
    /** Portal does without as it is configured; worth knowing. */
    NOTE("note"),
    /** Portal as it is configured needs it. */
    MISSING("missing");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  static Check ok(String name, String finding) {
    return new Check(name, Verdict.OK, finding, "");
  }

  static Check note(String name, String finding, String remedy) {
    return new Check(name, Verdict.NOTE, finding, remedy);
  }

  /** Missing if portal needs it as it is configured, else a note. */
  static Check lacking(boolean needed, String name, String finding, String remedy) {
    return new Check(name, needed ? Verdict.MISSING : Verdict.NOTE, finding, remedy);
  }
}
