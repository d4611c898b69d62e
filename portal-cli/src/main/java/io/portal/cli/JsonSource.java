package io.portal.cli;

import org.jspecify.annotations.Nullable;

/** Where the JSON of a request comes from, which decides what a field means that is not known. */
enum JsonSource {
  /** Flags alone: every field is one of ours. */
  FLAGS,
  /** Typed by a person, so that an unknown field is a mistake. */
  TYPED,
  /** A file or standard input: written for another version perhaps, or by another program. */
  DOCUMENT;

  /** Of the value of {@code --json}; null if it was not given. */
  static JsonSource of(@Nullable String word) {
    if (word == null) {
      return FLAGS;
    }
    return word.equals(Terminal.STANDARD_INPUT) || word.startsWith("@") ? DOCUMENT : TYPED;
  }
}
