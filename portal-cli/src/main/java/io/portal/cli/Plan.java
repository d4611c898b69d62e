package io.portal.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What an import would change, as lines of {@code +}, {@code ~} and {@code -}. */
final class Plan {

  private static final int LONGEST = 40;

  private final List<String> lines = new ArrayList<>();
  private int added;
  private int changed;
  private int removed;
  private int kept;

  /** Compares one list as it is with how it should be. */
  void compare(
      Section section,
      List<Map<String, @Nullable Object>> stored,
      List<Map<String, @Nullable Object>> wanted) {
    Map<String, Map<String, Object>> before = byKey(section, stored);
    Map<String, Map<String, Object>> after = byKey(section, section.placed(wanted, stored));
    after.forEach(
        (key, element) -> {
          Map<String, Object> old = before.get(key);
          String subject = " " + section.singular() + " " + key;
          if (old == null) {
            added++;
            lines.add("+" + subject);
          } else if (old.equals(element)) {
            kept++;
          } else {
            changed++;
            lines.add("~" + subject + ": " + difference(old, element));
          }
        });
    before.forEach(
        (key, element) -> {
          if (!after.containsKey(key)) {
            removed++;
            lines.add("- " + section.singular() + " " + key);
          }
        });
  }

  /** Compares single values by their names, of which those not wanted stay as they are. */
  void compare(Map<String, @Nullable Object> stored, Map<String, @Nullable Object> wanted) {
    wanted.forEach(
        (name, value) -> {
          Object old = stored.get(name);
          if (!Objects.equals(old, value)) {
            changed++;
            lines.add("~ " + name + ": " + shown(old) + " -> " + shown(value));
          }
        });
  }

  private static Map<String, Map<String, Object>> byKey(
      Section section, List<Map<String, @Nullable Object>> elements) {
    Map<String, Map<String, Object>> byKey = new LinkedHashMap<>();
    for (Map<String, @Nullable Object> element : elements) {
      byKey.put(section.key(element), section.normal(element));
    }
    return byKey;
  }

  private static String difference(Map<?, ?> before, Map<?, ?> after) {
    TreeSet<String> names = new TreeSet<>();
    before.keySet().forEach(name -> names.add(String.valueOf(name)));
    after.keySet().forEach(name -> names.add(String.valueOf(name)));
    List<String> parts = new ArrayList<>();
    for (String name : names) {
      Object old = before.get(name);
      Object now = after.get(name);
      if (name.equals("key") && !Objects.equals(old, now)) {
        parts.add("another key"); // never shown
      } else if (old == null && name.startsWith("server ")) {
        parts.add("+ " + name);
      } else if (now == null && name.startsWith("server ")) {
        parts.add("- " + name);
      } else if (old instanceof Map<?, ?> was && now instanceof Map<?, ?> is) {
        String inner = difference(was, is);
        if (!inner.isEmpty()) {
          parts.add(name + " (" + inner + ")");
        }
      } else if (!Objects.equals(old, now)) {
        parts.add(name + " " + shown(old) + " -> " + shown(now));
      }
    }
    return String.join(", ", parts);
  }

  private static String shown(@Nullable Object value) {
    String text = value == null ? "none" : value.toString().strip().replace('\n', ' ');
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
  }

  /** The lines and a sum, each line ended. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    return text.append(summary()).append('\n').toString();
  }

  private String summary() {
    return sum(" to add, ", " to change, ", " to remove, ");
  }

  /** The sum of a plan that has been carried out. */
  String done() {
    return sum(" added, ", " changed, ", " removed, ");
  }

  private String sum(String adding, String changing, String removing) {
    return added + adding + changed + changing + removed + removing + kept + " the same";
  }
}
