package io.portal.cli;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes YAML 1.2. Text that could be taken for anything else is quoted as JSON, which YAML reads;
 * text of several lines, as certificates are, stands in a block.
 */
final class Yaml {

  /**
   * Plain words and addresses; no number, no {@code true}, {@code null} or {@code yes} is among.
   */
  private static final Pattern PLAIN = Pattern.compile("[a-zA-Z][a-zA-Z0-9_./-]*");

  private static final List<String> WORDS =
      List.of("true", "false", "null", "yes", "no", "on", "off", "y", "n");

  private final StringBuilder text = new StringBuilder();

  private Yaml() {}

  /** The document, its last line ended. */
  static String write(@Nullable Object value) {
    Yaml yaml = new Yaml();
    yaml.value(value, 0);
    return yaml.text.toString();
  }

  /** A whole value on its own lines. */
  private void value(@Nullable Object value, int indent) {
    if (value instanceof Map<?, ?> object && !object.isEmpty()) {
      boolean first = true;
      for (Map.Entry<?, ?> field : object.entrySet()) {
        indent(first ? 0 : indent);
        first = false;
        text.append(scalar(String.valueOf(field.getKey()))).append(':');
        nested(field.getValue(), indent, false);
      }
    } else if (value instanceof List<?> array && !array.isEmpty()) {
      boolean first = true;
      for (Object element : array) {
        indent(first ? 0 : indent);
        first = false;
        text.append('-');
        nested(element, indent, true);
      }
    } else {
      text.append(scalar(value)).append('\n');
    }
  }

  /** What follows {@code name:} or {@code -}. */
  private void nested(@Nullable Object value, int indent, boolean element) {
    boolean object = value instanceof Map<?, ?> map && !map.isEmpty();
    boolean array = value instanceof List<?> list && !list.isEmpty();
    if (element && (object || array)) {
      text.append(' ');
      value(value, indent + 2);
    } else if (object || array) {
      text.append('\n');
      indent(indent + 2);
      value(value, indent + 2);
    } else if (value instanceof String string && isBlock(string)) {
      text.append(string.endsWith("\n") ? " |\n" : " |-\n");
      for (String line : string.lines().toList()) {
        indent(line.isEmpty() ? 0 : indent + 2);
        text.append(line).append('\n');
      }
    } else {
      text.append(' ').append(scalar(value)).append('\n');
    }
  }

  /** Whether a block gives the text back exactly. */
  private static boolean isBlock(String text) {
    return text.indexOf('\n') > 0
        && !text.startsWith(" ")
        && !text.endsWith("\n\n")
        && text.chars().allMatch(c -> c == '\n' || (c >= ' ' && c < 127));
  }

  private static String scalar(@Nullable Object value) {
    if (value instanceof String string
        && PLAIN.matcher(string).matches()
        && !WORDS.contains(string.toLowerCase(java.util.Locale.ROOT))) {
      return string;
    }
    return Json.write(value);
  }

  private void indent(int width) {
    text.append(" ".repeat(width));
  }
}
