package io.portal.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command has of the outside world: its three streams and its environment. Tests put their
 * own in.
 *
 * @param in standard input
 * @param out standard output, for answers only
 * @param err standard error, for messages and progress
 * @param environment the environment's variables
 * @param interactive whether a person watches standard error
 */
record Terminal(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    boolean interactive) {

  /** The word that stands for standard input. */
  static final String STANDARD_INPUT = "-";

  /** The text of {@code -} (standard input), {@code @file} (a file), or the word itself. */
  String textOf(String word, String flag) {
    if (word.equals(STANDARD_INPUT)) {
      return read(word, flag + ": ");
    }
    return word.startsWith("@") ? read(word.substring(1), flag + ": ") : word;
  }

  /**
   * The same for what has more than a word: a word that is the name of a file is a mistake.
   *
   * @param begin what each such text begins with, after white space
   */
  String documentOf(String word, String flag, String... begin) {
    String text = textOf(word, flag);
    if (text.equals(word) && looksLikeFile(word, begin)) {
      throw CliException.usage(flag + ": a file is given as @FILE: " + flag + " @" + word);
    }
    return text;
  }

  private static boolean looksLikeFile(String word, String... begin) {
    String stripped = word.strip();
    for (String start : begin) {
      if (stripped.startsWith(start)) {
        return false;
      }
    }
    try {
      return Files.isRegularFile(Path.of(word)) || word.matches("[^\\s{\\[\"]+\\.[a-z]{2,5}");
    } catch (java.nio.file.InvalidPathException notOne) {
      return false;
    }
  }

  /** The text of a file, or of standard input for {@code -}. */
  String textOfFile(String file) {
    return read(file, "");
  }

  /** How messages name that file. */
  static String nameOf(String file) {
    return file.equals(STANDARD_INPUT) ? "standard input" : file;
  }

  private String read(String file, String prefix) {
    try {
      return file.equals(STANDARD_INPUT)
          ? new String(in.readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(Path.of(file));
    } catch (IOException | UncheckedIOException e) {
      throw new CliException(
          Exit.USAGE, prefix + "cannot read " + nameOf(file) + ": " + reason(e), e);
    }
  }

  /** Why a file could not be read, without its name. */
  static String reason(Exception e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "there is no such file"
        : e instanceof java.nio.file.AccessDeniedException
            ? "permission denied"
            : String.valueOf(e.getMessage());
  }
}
