package io.portal.cli;

import org.jspecify.annotations.Nullable;

/**
 * A flag as it is typed, parsed, completed and explained.
 *
 * @param name the long form without its dashes
 * @param letter the short form; 0 for none
 * @param label what its value is called in the help; null for a flag that is on or off
 * @param fallback the default as the help shows it; empty for none
 * @param purpose half a sentence
 * @param repeatable whether it may be given more than once
 * @param mayBeEmpty whether an empty value says something; elsewhere it is the mistake of an unset
 *     variable of the shell
 */
record Flag(
    String name,
    char letter,
    @Nullable String label,
    String fallback,
    String purpose,
    boolean repeatable,
    boolean mayBeEmpty) {

  /** No short form. */
  static final char NONE = 0;

  /** A flag with a value. */
  static Flag value(String name, char letter, String label, String fallback, String purpose) {
    return new Flag(name, letter, label, fallback, purpose, false, false);
  }

  /** A flag with a value that may be given more than once. */
  static Flag list(String name, char letter, String label, String purpose) {
    return new Flag(name, letter, label, "", purpose, true, false);
  }

  /** A flag that is on or off; off by default. */
  static Flag toggle(String name, char letter, String purpose) {
    return new Flag(name, letter, null, "", purpose, false, false);
  }

  /** The same, and an empty value is taken. */
  Flag orEmpty() {
    return new Flag(name, letter, label, fallback, purpose, repeatable, true);
  }

  boolean takesValue() {
    return label != null;
  }

  /** As it is typed in its long form. */
  String typed() {
    return "--" + name;
  }
}
