package io.portal.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One command being run: what was typed, and the way to the API. For one thread. */
final class Invocation {

  /** How the API begins to say that it does not know a field. */
  private static final String UNKNOWN_FIELD = "Invalid field - ";

  private final Command command;
  private final Flags flags;
  private final List<String> arguments;
  private final Terminal terminal;
  private @Nullable Client client;
  private @Nullable String json;

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
    return send(method, path, body).orRefuse();
  }

  /** Asks the API, whatever it answers. */
  Answer send(String method, String path, @Nullable String body) {
    Client asked = client;
    if (asked == null) {
      asked = new Client(settings(), retry());
      client = asked;
    }
    return asked.send(method, path, body);
  }

  /**
   * Asks the API with JSON that somebody wrote. A field that the API does not know is refused where
   * a person has typed it; of a document it is told on standard error, and not sent for.
   */
  Answer askWith(JsonSource source, String method, String path, String body) {
    String strict = flags.get(Globals.STRICT.name());
    boolean never = "false".equals(strict) || (strict == null && source == JsonSource.FLAGS);
    if (never) {
      return ask(method, path, body);
    }
    Answer answer = send(method, path + (path.indexOf('?') < 0 ? "?" : "&") + "strict=true", body);
    if (strict == null
        && source == JsonSource.DOCUMENT
        && answer.status() == 400
        && answer.message().startsWith(UNKNOWN_FIELD)) {
      terminal.err().println("portal: warning: " + answer.message() + "; it is left out");
      return ask(method, path, body);
    }
    return answer.orRefuse();
  }

  /** How long to go on connecting, from now. */
  ConnectRetry retry() {
    return ConnectRetry.within(time(Globals.WAIT));
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

  /** Asks the API with what flags and {@code --json} say, and prints what it answers. */
  Exit printWithJson(String method, String path, Map<String, @Nullable Object> body) {
    return show(askWith(JsonSource.of(flags.get("json")), method, path, Json.write(body)));
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
    if (json == null && word != null) {
      json = terminal.documentOf(word, "--json", "{", "[", "\"");
    }
    return json; // kept, for standard input can be read once
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

  /**
   * Checks that a field of a request has a value.
   *
   * @throws CliException naming its flag
   */
  void require(Map<String, @Nullable Object> body, String field, Flag flag) {
    Object value = field(body, field);
    if (value == null || value.equals("")) {
      throw CliException.usage(
          command.name() + " needs " + flag.typed() + ", or \"" + field + "\" in --json");
    }
  }

  /** A field by its name in any case; null where there is none. */
  static @Nullable Object field(Map<String, @Nullable Object> body, String name) {
    for (Map.Entry<String, @Nullable Object> field : body.entrySet()) {
      if (letters(field.getKey()).equals(letters(name))) {
        return field.getValue();
      }
    }
    return null;
  }

  /**
   * Warns where something was there already and so was left as it is, though the request asked for
   * something else.
   *
   * @param asked the fields that were asked for
   * @param stored what the API answered
   */
  void warnOfOther(Map<String, @Nullable Object> asked, Answer stored, String remedy) {
    if (!(Json.parse(stored.body(), "answer") instanceof Map<?, ?> object)) {
      return;
    }
    List<String> other = new ArrayList<>();
    for (Map.Entry<?, ?> field : object.entrySet()) {
      String name = String.valueOf(field.getKey());
      Object wish = field(asked, name);
      if (wish != null && !wish.toString().equals(String.valueOf(field.getValue()))) {
        other.add(name + " is " + field.getValue() + ", not " + wish);
      }
    }
    if (!other.isEmpty()) {
      terminal
          .err()
          .println(
              "portal: warning: it is there already and stays as it is: "
                  + String.join(", ", other)
                  + "; change it with "
                  + remedy);
    }
  }

  private static String letters(String name) {
    return name.replace("_", "").toLowerCase(Locale.ROOT);
  }
}
