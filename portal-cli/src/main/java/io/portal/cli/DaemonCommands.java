package io.portal.cli;

import java.util.List;
import java.util.Map;

/** The commands that look at the running daemon and tell it what to do. */
final class DaemonCommands {

  private static final String GROUP = "Daemon";
  private static final int NOT_READY = 503;
  private static final Flag FROM_KERNEL =
      Flag.toggle("from-kernel", Flag.NONE, "store what the kernel holds instead");

  private DaemonCommands() {}

  static List<Command> all() {
    return List.of(
        Command.of(
            GROUP,
            "ready",
            "Tell whether the daemon is ready, and what fails; exit 1 if it is not",
            List.of(),
            DaemonCommands::ready,
            "portal ready",
            "portal ready --wait 30s"),
        Command.of(
            GROUP,
            "show-stats",
            "Show the connections, packets and bytes of all services, or of one",
            ServiceFlags.NAMING,
            in -> in.print("GET", statsPath(in), null),
            "portal show-stats --output table",
            "portal show-stats -I tcp-10_0_0_1-80"),
        Command.of(
            GROUP,
            "sync",
            "Compare with the kernel now and repair it; with --from-kernel, store what it holds",
            List.of(FROM_KERNEL),
            in -> in.print(in.flags().on(FROM_KERNEL.name()) ? "GET" : "POST", "/sync", null),
            "portal sync"),
        Command.of(
            GROUP,
            "show-log-level",
            "Show what the daemon logs",
            List.of(),
            in -> in.print("GET", "/log-level", null),
            "portal show-log-level"),
        Command.of(
                GROUP,
                "set-log-level",
                "Change what the daemon logs until its next start",
                List.of(),
                DaemonCommands::setLogLevel,
                "portal set-log-level debug")
            .withArguments("trace|debug|info|warn|error"));
  }

  /** A daemon that is not ready answers why: that is printed as an answer, not as an error. */
  private static Exit ready(Invocation in) {
    ConnectRetry retry = in.retry();
    Answer answer = in.send("GET", "/readyz", null);
    while (answer.status() == NOT_READY && retry.again()) {
      answer = in.send("GET", "/readyz", null);
    }
    if (answer.status() != NOT_READY) {
      return in.show(answer.orRefuse());
    }
    in.show(answer);
    return Exit.REFUSED;
  }

  private static String statsPath(Invocation in) {
    for (Flag flag : ServiceFlags.NAMING) {
      if (in.flags().given(flag.name())) {
        return ServiceFlags.path(ServiceFlags.id(in)) + "/stats";
      }
    }
    return "/stats";
  }

  private static Exit setLogLevel(Invocation in) {
    if (in.arguments().size() != 1) {
      throw CliException.usage("set-log-level: say which: trace, debug, info, warn or error");
    }
    return in.print("PUT", "/log-level", Json.write(Map.of("level", in.arguments().get(0))));
  }
}
