package io.portal.cli;

/** {@code --drain}: what is removed keeps the connections it has for that long. */
final class Drain {

  static final Flag FLAG =
      Flag.value(
          "drain",
          Flag.NONE,
          "TIME",
          "",
          "take nothing new at once, leave when all ended, or then");

  private Drain() {}

  /**
   * The query of the request; empty if the flag was not typed.
   *
   * @throws CliException if it is no time: without one, connections would be cut at once
   */
  static String query(Invocation in) {
    String typed = in.flags().get(FLAG.name());
    if (typed == null) {
      return "";
    }
    Durations.parse(FLAG.typed(), typed);
    return "?drain=" + typed;
  }
}
