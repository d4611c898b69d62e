package io.portal.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as they are typed: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1h}. */
final class Durations {

  private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(ms|s|m|h)?");

  private Durations() {}

  /**
   * The time that the text stands for; a number without a unit is seconds.
   *
   * @param name what messages call it, {@code --wait}
   * @throws CliException if it is none
   */
  static Duration parse(String name, String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw CliException.usage(name + ": '" + text + "' is not a time such as 500ms, 5s or 1m");
    }
    long count = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2) == null ? "s" : matcher.group(2);
    return switch (unit) {
      case "ms" -> Duration.ofMillis(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofSeconds(count);
    };
  }
}
