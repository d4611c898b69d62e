package io.portal.cli;

import java.util.Collection;
import java.util.List;

/** The help: of everything, and of one command. */
final class Usage {

  private Usage() {}

  /** What {@code portal} without a command prints. */
  static String overview(Collection<Command> commands) {
    StringBuilder text = new StringBuilder();
    text.append("portal - load balancer/proxy\n\n");
    text.append("  portal [flags]             run the daemon with --server, else print this\n");
    text.append("  portal [flags] [command]   ask the daemon\n");
    String group = "";
    for (Command command : commands) {
      if (!command.group().equals(group)) {
        group = command.group();
        text.append('\n').append(group).append(":\n");
      }
      line(text, "  " + name(command), 30, command.purpose());
    }
    text.append("\nFlags, before or after the command:\n");
    flags(text, Globals.ALL, List.of());
    text.append(
        """

        Every flag that is a configuration key is also read from the environment (PORTAL_API_TOKEN and
        so on) and from the file of --conf. The strongest first: flag, environment, file, default.
        Exit: 0 done, 1 refused, 2 wrong usage, 3 portal not reached, 4 not authorised.

        Use "portal [command] --help" for more information about a command.
        """);
    return text.toString();
  }

  /** What {@code portal COMMAND --help} prints. */
  static String of(Command command) {
    StringBuilder text = new StringBuilder();
    text.append(command.purpose()).append(".\n\n");
    text.append("Usage:\n  portal ").append(name(command)).append(" [flags]\n");
    text.append("\nExamples:\n");
    command.examples().forEach(example -> text.append("  ").append(example).append('\n'));
    if (!command.flags().isEmpty()) {
      text.append("\nFlags:\n");
      flags(text, command.flags(), List.of());
    }
    text.append("\nGlobal flags (all of them: portal --help):\n");
    flags(
        text,
        Globals.ALL.stream()
            .filter(
                flag ->
                    List.of("api-host", "api-port", "api-token", "insecure", "output", "wait")
                        .contains(flag.name()))
            .toList(),
        command.flags());
    return text.toString();
  }

  private static String name(Command command) {
    return command.arguments().isEmpty()
        ? command.name()
        : command.name() + " " + command.arguments();
  }

  /** Flags line by line; a letter that the stronger ones have taken is not shown. */
  private static void flags(StringBuilder text, List<Flag> flags, List<Flag> stronger) {
    for (Flag flag : flags) {
      boolean taken = stronger.stream().anyMatch(own -> own.letter() == flag.letter());
      String letter = flag.letter() == Flag.NONE || taken ? "    " : "-" + flag.letter() + ", ";
      String label = flag.takesValue() ? " " + flag.label() : "";
      String fallback = flag.fallback().isEmpty() ? "" : " (default " + flag.fallback() + ")";
      line(text, "  " + letter + flag.typed() + label, 36, flag.purpose() + fallback);
    }
  }

  /** What does not fit in its column has a line of its own. */
  private static void line(StringBuilder text, String left, int width, String right) {
    text.append(left);
    if (left.length() > width - 2) {
      text.append('\n').append(" ".repeat(width));
    } else {
      text.append(" ".repeat(width - left.length()));
    }
    text.append(right).append('\n');
  }
}
