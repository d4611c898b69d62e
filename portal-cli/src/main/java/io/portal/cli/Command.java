package io.portal.cli;

import java.util.List;

/**
 * One command of the command line.
 *
 * @param name as it is typed
 * @param group heading in the overview
 * @param purpose one line
 * @param arguments what follows the flags, as the help shows it; empty if nothing may
 * @param flags its own flags; on a clash of letters they win over the global ones
 * @param examples lines that can be typed as they stand
 * @param action what it does
 */
record Command(
    String name,
    String group,
    String purpose,
    String arguments,
    List<Flag> flags,
    List<String> examples,
    Action action) {

  /** What a command does. */
  interface Action {

    /**
     * Runs to the end; blocks.
     *
     * @throws CliException with the exit code and what to tell
     */
    Exit run(Invocation invocation);
  }

  static Command of(
      String group,
      String name,
      String purpose,
      List<Flag> flags,
      Action action,
      String... examples) {
    return new Command(name, group, purpose, "", flags, List.of(examples), action);
  }

  Command withArguments(String labels) {
    return new Command(name, group, purpose, labels, flags, examples, action);
  }
}
