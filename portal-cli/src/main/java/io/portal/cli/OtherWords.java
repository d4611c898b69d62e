package io.portal.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Finds the command that somebody meant who typed what other programs call it. It never proposes
 * one that changes things to somebody who asked to see them.
 */
final class OtherWords {

  private static final Map<String, String> VERBS =
      Map.ofEntries(
          Map.entry("list", "show"),
          Map.entry("ls", "show"),
          Map.entry("get", "show"),
          Map.entry("describe", "show"),
          Map.entry("delete", "remove"),
          Map.entry("del", "remove"),
          Map.entry("rm", "remove"),
          Map.entry("create", "add"),
          Map.entry("new", "add"),
          Map.entry("update", "set"),
          Map.entry("change", "set"),
          Map.entry("edit", "set"),
          Map.entry("patch", "set"),
          Map.entry("add", "add"),
          Map.entry("remove", "remove"),
          Map.entry("show", "show"),
          Map.entry("set", "set"));

  private static final Map<String, String> WHOLE =
      Map.ofEntries(
          Map.entry("status", "ready"),
          Map.entry("health", "ready"),
          Map.entry("stats", "show-stats"),
          Map.entry("backup", "export"),
          Map.entry("dump", "export"),
          Map.entry("restore", "import"),
          Map.entry("version", "--version"),
          Map.entry("start", "--server"),
          Map.entry("run", "--server"),
          Map.entry("serve", "--server"),
          Map.entry("server", "--server"),
          Map.entry("daemon", "--server"));

  private OtherWords() {}

  /**
   * {@code ", did you mean 'show-services'?"}, or nothing.
   *
   * @param word what stands where a command belongs
   * @param next the word behind it, which may be the other half of it; empty for none
   */
  static String hint(String word, String next, Collection<String> commands) {
    String found = find(word, next, commands);
    return found.isEmpty() ? near(word, commands) : ", did you mean '" + found + "'?";
  }

  private static String find(String word, String next, Collection<String> commands) {
    int dash = word.indexOf('-');
    String[][] halves =
        dash > 0
            ? new String[][] {{word.substring(0, dash), word.substring(dash + 1)}}
            : new String[][] {{word, next}, {next, word}};
    for (String[] half : halves) {
      String verb = VERBS.get(half[0]);
      boolean many = half[0].equals("list") || half[0].equals("ls");
      String noun = many && !half[1].isEmpty() ? half[1].replaceFirst("s?$", "s") : half[1];
      String found = verb == null ? "" : named(verb, noun, commands);
      if (!found.isEmpty()) {
        return found;
      }
    }
    String whole = WHOLE.getOrDefault(word, "");
    if (whole.startsWith("--") || commands.contains(whole)) {
      return whole;
    }
    return dash > 0 ? "" : named("show", word, commands);
  }

  /** The command of that verb for that noun, in the singular or the plural that it has. */
  private static String named(String verb, String noun, Collection<String> commands) {
    if (noun.isEmpty() || noun.startsWith("-")) {
      return "";
    }
    for (String name : List.of(noun, noun + "s", noun.replaceFirst("s$", ""))) {
      if (commands.contains(verb + "-" + name)) {
        return verb + "-" + name;
      }
    }
    return "";
  }

  /** The command that is written nearly so. */
  private static String near(String word, Collection<String> commands) {
    int dash = word.indexOf('-');
    String verb = dash > 0 ? VERBS.getOrDefault(word.substring(0, dash), "") : "";
    if (verb.isEmpty()) {
      return Suggestion.of(word, commands);
    }
    List<String> same = new ArrayList<>();
    for (String command : commands) {
      if (command.startsWith(verb + "-")) {
        same.add(command);
      }
    }
    return Suggestion.of(verb + word.substring(dash), same);
  }
}
