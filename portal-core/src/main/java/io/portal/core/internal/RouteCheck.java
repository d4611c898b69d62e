package io.portal.core.internal;

import io.portal.core.InvalidException;
import io.portal.core.model.RouteId;
import java.net.IDN;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Refuses routes that no request can match. Only what is new is checked: a stored route that was
 * taken before stays, and matches as little as it did. Stateless.
 */
final class RouteCheck {

  private static final int NAME_LIMIT = 253;

  /** A label as RFC 1123 2.1 allows it, or with the underscore of other records than hosts. */
  private static final Pattern LABELS =
      Pattern.compile(
          "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");

  private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-f:.]+]");

  private static final String NAME =
      "a host name such as example.com, without scheme, port, path or star (names below it match"
          + " too), with labels of 1 to 63 letters, digits, - or _";

  private static final String PATH =
      "empty, or start with '/', without query, backslash, semicolon or control character, and stay"
          + " below the root";

  private RouteCheck() {}

  /**
   * Checks the parts that requests are matched by.
   *
   * @throws InvalidException naming the part, its value and what is allowed
   */
  static void check(RouteId id) {
    name("subdomain", id.subdomain());
    name("domain", id.domain());
    if (!path(id.path())) {
      throw InvalidException.field("path", id.path(), PATH);
    }
  }

  private static void name(String field, String value) {
    if (!value.isEmpty() && !name(value)) {
      throw InvalidException.field(field, value, NAME);
    }
  }

  private static boolean name(String value) {
    try {
      // RFC 5890: what is not ASCII is matched by its A-label, as clients send it.
      String ascii = IDN.toASCII(value, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
      String name = ascii.endsWith(".") ? ascii.substring(0, ascii.length() - 1) : ascii;
      return name.length() <= NAME_LIMIT
          && (LABELS.matcher(name).matches() || IPV6.matcher(name).matches());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean path(String path) {
    if (path.isEmpty() || path.equals("*")) {
      return true;
    }
    if (path.charAt(0) != '/') {
      return false;
    }
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c < ' ' || c == 0x7f || "?#;\\".indexOf(c) >= 0) {
        return false;
      }
    }
    int depth = 0;
    String decoded = path.replaceAll("(?i)%2e", ".");
    for (String segment : decoded.substring(1).split("/+", -1)) {
      depth += segment.equals("..") ? -1 : segment.isEmpty() || segment.equals(".") ? 0 : 1;
      if (depth < 0) {
        return false;
      }
    }
    return true;
  }
}
