package io.portal.proxy.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Tables of bytes that stand beside the tests: a row a line, cells between {@code " | "}, and the
 * escapes {@code \r \n \t \s \\ \xHH} and {@code \(c*n)}, which is the character c n times.
 */
final class TableText {

  private static final Pattern ESCAPE =
      Pattern.compile("\\\\(?:([rnts\\\\])|x([0-9a-f]{2})|\\((.)\\*([0-9]+)\\))");

  private TableText() {}

  /** The cells of each row of a table, which has no more than so many. */
  static Stream<String[]> rows(String file, int cells) {
    try (InputStream in = Objects.requireNonNull(TableText.class.getResourceAsStream(file))) {
      String text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      return text.lines()
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .map(line -> line.split(" \\| ", cells));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A cell without its escapes, a byte each character. */
  static String unescape(String cell) {
    return ESCAPE.matcher(cell).replaceAll(found -> Matcher.quoteReplacement(character(found)));
  }

  private static String character(MatchResult found) {
    if (found.group(4) != null) {
      return found.group(3).repeat(Integer.parseInt(found.group(4)));
    }
    if (found.group(2) != null) {
      return String.valueOf((char) Integer.parseInt(found.group(2), 16));
    }
    return switch (found.group(1)) {
      case "r" -> "\r";
      case "n" -> "\n";
      case "t" -> "\t";
      case "s" -> " ";
      default -> "\\";
    };
  }
}
