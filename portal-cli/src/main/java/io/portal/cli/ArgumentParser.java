package io.portal.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a command line: {@code --flag value}, {@code --flag=value}, {@code -fVALUE}, {@code -f
 * VALUE}, {@code -f=VALUE}, several on-or-off letters in one word, {@code --} for the end of flags.
 *
 * <p>Global flags stand before or after the command. Behind a command its own letters win; a long
 * name always means the same flag. These are the rules of the Go portal's command line.
 */
final class ArgumentParser {

  private final List<Flag> globals;
  private final Map<String, Command> commands;

  ArgumentParser(List<Flag> globals, Map<String, Command> commands) {
    this.globals = globals;
    this.commands = commands;
  }

  /**
   * What was typed.
   *
   * @param command null if none was named
   */
  record Parsed(@Nullable Command command, Flags flags, List<String> arguments) {}

  /**
   * Parses.
   *
   * @throws CliException for an unknown command or flag, a flag without its value, or a value for a
   *     flag that takes none
   */
  Parsed parse(String... words) {
    Flags flags = new Flags();
    List<String> arguments = new ArrayList<>();
    Command command = null;
    boolean flagsEnded = false;
    for (int i = 0; i < words.length; i++) {
      String word = words[i];
      if (flagsEnded || word.length() < 2 || word.charAt(0) != '-') {
        if (command == null) {
          command = command(word, i + 1 < words.length ? words[i + 1] : "");
        } else if (word.isEmpty()) {
          throw CliException.usage(command.name() + ": an argument is empty (an unset variable?)");
        } else {
          arguments.add(word);
        }
      } else if (word.equals("--")) {
        flagsEnded = true;
      } else {
        String next = i + 1 < words.length ? words[i + 1] : null;
        boolean tookNext =
            word.startsWith("--")
                ? longForm(word, next, command, flags)
                : shortForm(word, next, command, flags);
        if (tookNext) {
          i++;
        }
      }
    }
    if (command != null && !arguments.isEmpty() && command.arguments().isEmpty()) {
      throw CliException.usage(
          command.name() + " takes no argument, but got '" + arguments.get(0) + "'");
    }
    return new Parsed(command, flags, arguments);
  }

  private Command command(String word, String next) {
    Command command = commands.get(word);
    if (command == null) {
      throw CliException.usage(
          "unknown command '" + word + "'" + OtherWords.hint(word, next, commands.keySet()));
    }
    return command;
  }

  private boolean longForm(
      String word, @Nullable String next, @Nullable Command command, Flags flags) {
    int equals = word.indexOf('=');
    String name = word.substring(2, equals < 0 ? word.length() : equals);
    Flag flag = byName(name, command);
    if (equals >= 0) {
      set(flags, flag, word.substring(0, equals), word.substring(equals + 1));
      return false;
    }
    return setWithNext(flags, flag, word, next);
  }

  private boolean shortForm(
      String word, @Nullable String next, @Nullable Command command, Flags flags) {
    for (int at = 1; at < word.length(); at++) {
      String typed = "-" + word.charAt(at);
      Flag flag = byLetter(word.charAt(at), command);
      String rest = word.substring(at + 1);
      if (rest.isEmpty()) {
        return setWithNext(flags, flag, typed, next);
      }
      boolean equals = rest.charAt(0) == '=';
      if (flag.takesValue() || equals) {
        set(flags, flag, typed, equals ? rest.substring(1) : rest);
        return false;
      }
      flags.put(flag, "true");
    }
    return false;
  }

  private static boolean setWithNext(Flags flags, Flag flag, String typed, @Nullable String next) {
    if (!flag.takesValue()) {
      flags.put(flag, "true");
      return false;
    }
    if (next == null) {
      throw CliException.usage(typed + " needs a value: " + flag.label());
    }
    put(flags, flag, typed, next);
    return true;
  }

  private static void set(Flags flags, Flag flag, String typed, String value) {
    if (!flag.takesValue() && !value.equals("true") && !value.equals("false")) {
      throw CliException.usage(typed + " is true or false, not '" + value + "'");
    }
    put(flags, flag, typed, value);
  }

  private static void put(Flags flags, Flag flag, String typed, String value) {
    if (value.isEmpty() && !flag.mayBeEmpty()) {
      throw CliException.usage(
          typed + " is empty (an unset variable?); give a value: " + flag.label());
    }
    flags.put(flag, value);
  }

  private Flag byName(String name, @Nullable Command command) {
    for (Flag flag : all(command)) {
      if (flag.name().equals(name)) {
        return flag;
      }
    }
    List<String> names = new ArrayList<>();
    all(command).forEach(flag -> names.add(flag.typed()));
    throw unknown("--" + name, command, Suggestion.of("--" + name, names));
  }

  private Flag byLetter(char letter, @Nullable Command command) {
    for (Flag flag : all(command)) {
      if (flag.letter() == letter) {
        return flag;
      }
    }
    throw unknown("-" + letter, command, "");
  }

  private List<Flag> all(@Nullable Command command) {
    if (command == null) {
      return globals;
    }
    List<Flag> all = new ArrayList<>(command.flags());
    all.addAll(globals);
    return all;
  }

  private static CliException unknown(String typed, @Nullable Command command, String suggestion) {
    String where = command == null ? "" : " of " + command.name();
    return CliException.usage("unknown flag" + where + ": " + typed + suggestion);
  }
}
