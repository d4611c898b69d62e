package io.portal.proxy.route;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Paths of requests as they are matched, so that all ways to write a path meet the same route:
 * percent-encoding undone where that changes no meaning, dot segments resolved (RFC 3986 6.2.2),
 * slashes in a row merged, parameters of segments ({@code ;a=b}) left out. What targets may read in
 * more than one way is refused. Stateless.
 */
public final class RequestPath {

  /** Allowed in a segment as they are (RFC 3986 3.3, pchar), without the semicolon. */
  private static final boolean[] PLAIN = new boolean[256];

  static {
    for (char c = 0; c < 256; c++) {
      PLAIN[c] =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || "-._~!$&'()*+,=:@".indexOf(c) >= 0;
    }
  }

  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private RequestPath() {}

  /**
   * The path as it is matched; null if it is to be refused: it climbs out of the root, has a
   * backslash, an encoded control character, a percent sign without two digits behind it, an
   * overlong UTF-8 sequence (RFC 3629 3), or a {@code ..} that takes back an empty segment or has
   * parameters.
   *
   * @param path without query, each character a byte; starts with a slash unless it is {@code *}
   * @param encodedSlashes whether {@code %2F} and {@code %5C} may be in it, as part of a segment
   */
  public static @Nullable String normalize(String path, boolean encodedSlashes) {
    if (normal(path)) {
      return path;
    }
    String decoded = decode(path, encodedSlashes);
    return decoded == null || overlong(decoded) ? null : resolve(decoded);
  }

  /**
   * The path of a route in the form that {@link #normalize} gives to those that it matches.
   *
   * @param path of a route, may end in a star
   */
  public static String pattern(String path) {
    if (normal(path) || !path.startsWith("/") || path.indexOf(';') >= 0) {
      return path;
    }
    String bytes =
        new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)
            .replace(" ", "%20");
    String normal = normalize(bytes, true);
    return normal == null ? path : normal;
  }

  /** Whether there is nothing to be done, as in nearly all paths. */
  private static boolean normal(String path) {
    char before = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '/' ? before == '/' : c > 0xff || !PLAIN[c] || c == '.' && before == '/') {
        return false;
      }
      before = c;
    }
    return true;
  }

  /** Decodes what may stand as it is, encodes what may not; null if it is to be refused. */
  private static @Nullable String decode(String path, boolean encodedSlashes) {
    StringBuilder out = new StringBuilder(path.length() + 16);
    for (int i = 0; i < path.length(); i++) {
      int b = path.charAt(i);
      boolean encoded = b == '%';
      if (encoded) {
        b = i + 2 < path.length() ? hex(path.charAt(i + 1), path.charAt(i + 2)) : -1;
        i += 2;
      }
      boolean slash = b == '\\' || encoded && b == '/';
      if (b < ' ' || b == 0x7f || b > 0xff || slash && !(encoded && encodedSlashes)) {
        return null;
      }
      if (PLAIN[b] || !encoded && (b == '/' || b == ';')) {
        out.append((char) b);
      } else {
        out.append('%').append(HEX[b >> 4]).append(HEX[b & 0xf]);
      }
    }
    return out.toString();
  }

  private static int hex(char high, char low) {
    int value = Character.digit(high, 16) * 16 + Character.digit(low, 16);
    return high < 0x80
            && low < 0x80
            && Character.digit(high, 16) >= 0
            && Character.digit(low, 16) >= 0
        ? value
        : -1;
  }

  /** Whether a character is written in more bytes than it needs, as some decoders accept it. */
  private static boolean overlong(String decoded) {
    for (int at = decoded.indexOf('%'); at >= 0; at = decoded.indexOf('%', at + 1)) {
      if (at + 4 < decoded.length() && decoded.charAt(at + 3) == '%') {
        char next = decoded.charAt(at + 4);
        boolean longer =
            switch (decoded.substring(at + 1, at + 3)) {
              case "C0", "C1" -> next >= '8' && next <= 'B';
              case "E0" -> next == '8' || next == '9';
              case "F0" -> next == '8';
              default -> false;
            };
        if (longer) {
          return true;
        }
      }
    }
    return false;
  }

  private static @Nullable String resolve(String decoded) {
    if (!decoded.startsWith("/")) {
      return decoded;
    }
    Deque<String> segments = new ArrayDeque<>();
    boolean directory = false;
    for (String segment : decoded.substring(1).split("/", -1)) {
      int semicolon = segment.indexOf(';');
      String name = semicolon < 0 ? segment : segment.substring(0, semicolon);
      boolean dots = name.equals(".") || name.equals("..");
      if (dots && semicolon >= 0) {
        return null;
      }
      directory = dots || name.isEmpty();
      if (!dots) {
        segments.addLast(name);
      } else if (name.equals("..")) {
        // Targets that merge slashes and those that do not would come to different places.
        String parent = segments.pollLast();
        if (parent == null || parent.isEmpty()) {
          return null;
        }
      }
    }
    segments.removeIf(String::isEmpty);
    String joined = "/" + String.join("/", segments);
    return directory && !segments.isEmpty() ? joined + "/" : joined;
  }

  /** Whether a path may have dot segments. */
  static boolean dotted(String path) {
    return path.contains("/.") || path.toLowerCase(Locale.ROOT).contains("/%2e");
  }
}
