package io.portal.cli;

import java.util.List;

/** The commands that are no request of the API. */
final class ToolCommands {

  private static final String GROUP = "Tools";

  private ToolCommands() {}

  static List<Command> all() {
    return List.of(
        Command.of(
            GROUP,
            "demo",
            "Show portal balancing: a daemon, three servers and traffic, all on loopback",
            Demo.FLAGS,
            in -> Demo.run(in),
            "portal demo"),
        Doctor.command(),
        Command.of(
                GROUP,
                "config",
                "Check the configuration and do nothing else",
                List.of(),
                in -> Configuration.check(in), // a lambda: loads that class when it is run
                "portal config check -c /etc/portal.yaml")
            .withArguments("check"),
        Completion.command());
  }
}
