package io.portal.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One command being run: what was typed, and the way to the API. For one thread. */
final class Invocation {

  private final Command command;
  private final Flags flags;
  private final List<String> arguments;
  private final Terminal terminal;
  private @Nullable Client client;

  Invocation(Command command, Flags flags, List<String> arguments, Terminal terminal) {
    this.command = command;
    this.flags = flags;
    this.arguments = arguments;
    this.terminal = terminal;
  }

  Command command() {
    return command;
  }

  Flags flags() {
    return flags;
  }

  List<String> arguments() {
    return arguments;
  }

  Terminal terminal() {
    return terminal;
  }

  /** The value of a flag that this command cannot do without. */
  String required(String flag) {
    String value = flags.get(flag);
    if (value == null || value.isEmpty()) {
      throw CliException.usage(command.name() + " needs --" + flag);
    }
    return value;
  }

  /** Asks the API; an answer that is no success ends the command. */
  Answer ask(String method, String path, @Nullable String body) {
    Client asked = client;
    if (asked == null) {
      asked = new Client(settings(), ConnectRetry.within(time(Globals.WAIT)));
      client = asked;
    }
    return asked.send(method, path, body).orRefuse();
  }

  /** The time of that flag, or of its variable; zero if neither is there. */
  private Duration time(Flag flag) {
    String variable = Settings.variable(flag.name());
    String exported = terminal.environment().getOrDefault(variable, "");
    String typed = flags.get(flag.name());
    if (typed != null) {
      return Durations.parse(flag.typed(), typed);
    }
    return exported.isEmpty() ? Duration.ZERO : Durations.parse(variable, exported);
  }

  Settings settings() {
    return Settings.of(lookup());
  }

  /** The configuration keys, from wherever they are given. */
  Settings.Lookup lookup() {
    return Settings.Lookup.of(flags, terminal.environment());
  }

  /** Asks the API and prints what it answers. */
  Exit print(String method, String path, @Nullable String body) {
    return show(ask(method, path, body));
  }

  /** Prints an answer as it came, or in the form that was asked for. */
  Exit show(Answer answer) {
    String format = flags.get(Globals.OUTPUT.name(), "");
    terminal.out().print(Output.of(format).render(answer.body()));
    terminal.out().flush();
    return Exit.OK;
  }

  /** The JSON of {@code --json}; null if it was not given. */
  @Nullable String json() {
    String word = flags.get("json");
    return word == null ? null : terminal.textOf(word, "--json");
  }

  /** The JSON of {@code --json}, without which this command cannot be. */
  String requiredJson() {
    String json = json();
    if (json == null) {
      throw CliException.usage(
          command.name() + " needs --json: the JSON itself, @FILE, or - for standard input");
    }
    return json;
  }

  /**
   * The object that {@code --json} gives, laid over what the flags say. Fields are taken as the API
   * takes them: in any case, and {@code UpperThreshold} for {@code upper_threshold}.
   */
  Map<String, @Nullable Object> withJson(Map<String, @Nullable Object> fields) {
    String json = json();
    if (json == null) {
      return fields;
    }
    Map<String, @Nullable Object> laid = new LinkedHashMap<>(fields);
    for (Map.Entry<String, @Nullable Object> field : Json.object(json, "--json").entrySet()) {
      laid.keySet().removeIf(name -> letters(name).equals(letters(field.getKey())));
      laid.put(field.getKey(), field.getValue());
    }
    return laid;
  }

  private static String letters(String name) {
    return name.replace("_", "").toLowerCase(Locale.ROOT);
  }
}
