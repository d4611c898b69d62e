package io.portal.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Runs one command line: parses it, does it, tells what went wrong, says how to exit. */
final class Cli {

  private final Terminal terminal;

  Cli(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Runs to the end; with {@code --server} that is when the daemon stops. */
  Exit run(String... words) {
    try {
      return dispatch(new ArgumentParser(Globals.ALL, Commands.all()).parse(asFlag(words)));
    } catch (CliException e) {
      PrintStream err = terminal.err();
      err.println("portal: " + e.text());
      if (e.exit() == Exit.USAGE) {
        err.println("See: portal " + helpOf(words));
      }
      return e.exit();
    }
  }

  /** {@code help} and {@code help show-vips}, which many type first. */
  private static String[] asFlag(String... words) {
    if (words.length == 0 || !words[0].equals("help")) {
      return words;
    }
    List<String> flagged = new ArrayList<>(List.of(words).subList(1, words.length));
    flagged.add("--help");
    return flagged.toArray(new String[0]);
  }

  private Exit dispatch(ArgumentParser.Parsed parsed) {
    Command command = parsed.command();
    Flags flags = parsed.flags();
    if (flags.on("version")) {
      terminal.out().println(Version.text());
      return Exit.OK;
    }
    if (flags.on("help")) {
      terminal
          .out()
          .print(command == null ? Usage.overview(Commands.all().values()) : Usage.of(command));
      return Exit.OK;
    }
    if (command != null) {
      Output.of(flags.get(Globals.OUTPUT.name(), "")); // a wrong form must not show after the deed
      return command.action().run(new Invocation(command, flags, parsed.arguments(), terminal));
    }
    if (Settings.Lookup.of(flags, terminal.environment()).get("server").equals("true")) {
      return Server.run(flags, terminal);
    }
    terminal.out().print(Usage.overview(Commands.all().values()));
    return Exit.OK;
  }

  private static String helpOf(String... words) {
    for (String word : words) {
      if (Commands.all().containsKey(word)) {
        return word + " --help";
      }
    }
    return "--help";
  }
}
