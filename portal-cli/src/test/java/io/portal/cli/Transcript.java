package io.portal.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A table of commands as a terminal would show them, read from a resource. What a line is its first
 * character says:
 *
 * <pre>
 * # a comment
 * @ a file, which the command may read,
 * | and its lines
 * $ a command; words with spaces stand in '...'; at its end, {@code > file} takes its output
 * &lt; a line of its standard input
 * > a line of its standard output
 * ! a line of its standard error
 * = its exit code, where that is not 0
 * </pre>
 */
final class Transcript {

  private static final Pattern WORD = Pattern.compile("(?:'[^']*'|[^\\s'])+");

  private final List<Row> rows = new ArrayList<>();
  private final Map<String, StringBuilder> files = new LinkedHashMap<>();
  private String file = "";

  private Transcript() {}

  /** A command and what it should leave behind. */
  static final class Row {

    private final String command;
    private final Map<String, StringBuilder> files;
    private final StringBuilder in = new StringBuilder();
    private final StringBuilder out = new StringBuilder();
    private final StringBuilder err = new StringBuilder();
    private int exit;

    private Row(String command, Map<String, StringBuilder> files) {
      this.command = command;
      this.files = files;
    }

    String command() {
      return command;
    }

    /** The command's words, without a redirection. */
    String[] words() {
      int redirection = command.lastIndexOf(" > ");
      return split(redirection < 0 ? command : command.substring(0, redirection))
          .toArray(String[]::new);
    }

    /** The file that takes the output; empty if there is none. */
    String target() {
      int redirection = command.lastIndexOf(" > ");
      return redirection < 0 ? "" : command.substring(redirection + 3);
    }

    /** Files to be written before the command runs. */
    Map<String, StringBuilder> files() {
      return files;
    }

    String input() {
      return in.toString();
    }

    BuiltPortal.Result result() {
      return new BuiltPortal.Result(exit, out.toString(), err.toString());
    }
  }

  /** The rows of that resource of this package, with {@code %NAME%} replaced by its value. */
  static List<Row> read(String name, Map<String, String> variables) throws IOException {
    try (InputStream in = Transcript.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("there is no resource " + name);
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (Map.Entry<String, String> variable : variables.entrySet()) {
        text = text.replace("%" + variable.getKey() + "%", variable.getValue());
      }
      Transcript transcript = new Transcript();
      text.lines().forEach(transcript::line);
      return List.copyOf(transcript.rows);
    }
  }

  private void line(String line) {
    String rest = line.length() > 2 ? line.substring(2) : "";
    switch (line.isEmpty() ? '#' : line.charAt(0)) {
      case '#' -> {}
      case '@' -> {
        file = rest;
        files.put(file, new StringBuilder());
      }
      case '|' -> files.computeIfAbsent(file, f -> new StringBuilder()).append(rest).append('\n');
      case '$' -> {
        rows.add(new Row(rest, Map.copyOf(files)));
        files.clear();
      }
      case '<' -> last().in.append(rest).append('\n');
      case '>' -> last().out.append(rest).append('\n');
      case '!' -> last().err.append(rest).append('\n');
      case '=' -> last().exit = Integer.parseInt(rest);
      default ->
          throw new IllegalArgumentException("'" + line + "' begins with no known character");
    }
  }

  private Row last() {
    return rows.get(rows.size() - 1);
  }

  private static List<String> split(String command) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(command);
    while (matcher.find()) {
      words.add(matcher.group().replace("'", ""));
    }
    return words;
  }
}
