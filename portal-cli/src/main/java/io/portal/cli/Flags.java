package io.portal.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The flags that were typed, by their long name. A default is nobody's typing and is not here. */
final class Flags {

  private final Map<String, List<String>> values = new HashMap<>();

  void put(Flag flag, String value) {
    List<String> given = values.computeIfAbsent(flag.name(), name -> new ArrayList<>(1));
    if (!flag.repeatable()) {
      given.clear();
    }
    given.add(value);
  }

  /** A copy in which those values were typed, by the flags' long names. */
  Flags with(Map<String, String> typed) {
    Flags copy = new Flags();
    values.forEach((name, given) -> copy.values.put(name, new ArrayList<>(given)));
    typed.forEach((name, value) -> copy.values.put(name, new ArrayList<>(List.of(value))));
    return copy;
  }

  boolean given(String name) {
    return values.containsKey(name);
  }

  /** The value, or null if the flag was not typed. */
  @Nullable String get(String name) {
    List<String> given = values.get(name);
    return given == null ? null : given.get(0);
  }

  /** The value, or the default. */
  String get(String name, String fallback) {
    String value = get(name);
    return value == null ? fallback : value;
  }

  /** Every value of a flag that may be repeated. */
  List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  /** Whether an on-or-off flag is on. */
  boolean on(String name) {
    return Boolean.parseBoolean(get(name));
  }

  /**
   * The value as a number, or the default.
   *
   * @throws CliException if it is none
   */
  long number(String name, long fallback) {
    String value = get(name);
    if (value == null) {
      return fallback;
    }
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw CliException.usage("--" + name + ": '" + value + "' is not a number");
    }
  }

  /** The values of those flags that were typed, by their long name. */
  Map<String, String> pick(List<Flag> flags) {
    Map<String, String> picked = new LinkedHashMap<>();
    for (Flag flag : flags) {
      String value = get(flag.name());
      if (value != null) {
        picked.put(flag.name(), value);
      }
    }
    return picked;
  }
}
