package io.portal.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An answer in columns: one row an object, one column a field. A service with servers takes one row
 * for each of them, as {@code ipvsadm -Ln} shows it.
 */
final class Table {

  private static final int WIDEST = 60;

  /** Also none, and a share of a hundred; but no address. */
  private static final Pattern NUMBER = Pattern.compile(" *([0-9]+([.][0-9]+)? *%?)?");

  private final List<String> head;
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... head) {
    this.head = List.copyOf(Arrays.asList(head));
  }

  private Table(List<String> head) {
    this.head = head;
  }

  Table row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  /** The table of an answer; objects and arrays of objects, anything else as it is. */
  static String of(@Nullable Object answer) {
    if (answer instanceof List<?> list) {
      if (list.isEmpty()) {
        return "none\n";
      }
      return objects(list);
    }
    if (answer instanceof Map<?, ?> object) {
      boolean document = object.values().stream().allMatch(Table::isNested) && !object.isEmpty();
      return document ? sections(object) : objects(List.of(answer));
    }
    return answer + "\n";
  }

  private static boolean isNested(@Nullable Object value) {
    return value instanceof Map || value instanceof List;
  }

  /** A table for each field, under its name. */
  private static String sections(Map<?, ?> document) {
    StringBuilder text = new StringBuilder();
    document.forEach(
        (name, section) ->
            text.append(text.isEmpty() ? "" : "\n").append(name).append(":\n").append(of(section)));
    return text.toString();
  }

  private static String objects(List<?> elements) {
    List<Map<String, @Nullable Object>> objects = new ArrayList<>();
    for (Object element : elements) {
      if (!(element instanceof Map)) {
        return String.join("\n", elements.stream().map(String::valueOf).toList()) + "\n";
      }
      objects.addAll(flattened(Json.object(element, "answer")));
    }
    Set<String> fields = new LinkedHashSet<>();
    objects.forEach(object -> fields.addAll(object.keySet()));
    fields.removeIf(field -> isEmpty(objects, field));
    Table table =
        new Table(
            fields.stream()
                .map(field -> field.replace('_', ' ').toUpperCase(Locale.ROOT))
                .toList());
    for (Map<String, @Nullable Object> object : objects) {
      table.rows.add(fields.stream().map(field -> cell(object, field)).toList());
    }
    return table.toString();
  }

  private static boolean isEmpty(List<Map<String, @Nullable Object>> objects, String field) {
    for (Map<String, @Nullable Object> object : objects) {
      if (!cell(object, field).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /**
   * A service as one row for each server: the service's own fields on the first, then its servers'.
   * The id says host, port and type already.
   */
  private static List<Map<String, @Nullable Object>> flattened(
      Map<String, @Nullable Object> object) {
    if (!object.containsKey("scheduler")) {
      return List.of(object);
    }
    Map<String, @Nullable Object> service = new LinkedHashMap<>();
    service.put("service", object.get("id"));
    for (String field : List.of("interface", "scheduler", "persistence", "netmask", "draining")) {
      Object value = object.get(field);
      service.put(field, String.valueOf(value).equals("0") ? null : value);
    }
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (Object element : Json.array(object.get("servers"), "servers")) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      service.forEach((field, value) -> row.put(field, rows.isEmpty() ? value : null));
      row.put("server", null);
      for (Map.Entry<String, @Nullable Object> field : Json.object(element, "server").entrySet()) {
        switch (field.getKey()) {
          case "id" -> row.put("server", field.getValue());
          case "host", "port" -> {}
          default -> {
            boolean unset =
                field.getKey().endsWith("threshold")
                    && "0".equals(String.valueOf(field.getValue()));
            row.put(field.getKey(), unset ? null : field.getValue());
          }
        }
      }
      rows.add(row);
    }
    return rows.isEmpty() ? List.of(service) : rows;
  }

  private static String cell(Map<String, @Nullable Object> object, String field) {
    Object value = object.get(field);
    String text;
    if (value == null) {
      text = "";
    } else if (value instanceof List<?> list) {
      text =
          String.join(
              " ",
              list.stream().map(e -> isNested(e) ? Json.write(e) : String.valueOf(e)).toList());
    } else if (value instanceof Map) {
      text = Json.write(value);
    } else {
      text = value.toString();
    }
    String line = Pem.line(text.strip()).replace('\n', ' ');
    return line.length() <= WIDEST ? line : line.substring(0, WIDEST - 3) + "...";
  }

  /** The table, each line ended. Columns of numbers stand to the right. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    int[] widths = new int[head.size()];
    boolean[] numbers = new boolean[head.size()];
    for (int column = 0; column < widths.length; column++) {
      widths[column] = head.get(column).length();
      numbers[column] = !rows.isEmpty();
      for (List<String> row : rows) {
        String cell = row.get(column);
        widths[column] = Math.max(widths[column], cell.length());
        numbers[column] &= isNumber(cell);
      }
    }
    line(text, head, widths, numbers);
    rows.forEach(row -> line(text, row, widths, numbers));
    return text.toString();
  }

  private static boolean isNumber(String cell) {
    return NUMBER.matcher(cell).matches();
  }

  private static void line(
      StringBuilder text, List<String> cells, int[] widths, boolean[] numbers) {
    int start = text.length();
    for (int column = 0; column < widths.length; column++) {
      String cell = cells.get(column);
      String padding = " ".repeat(widths[column] - cell.length());
      text.append(numbers[column] ? padding + cell : cell + padding).append("  ");
    }
    int end = text.length();
    while (end > start && text.charAt(end - 1) == ' ') {
      end--;
    }
    text.setLength(end);
    text.append('\n');
  }
}
