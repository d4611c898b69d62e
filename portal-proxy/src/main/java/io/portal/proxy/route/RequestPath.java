package io.portal.proxy.route;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Paths of requests as they are matched (RFC 3986, 5.2.4 and 6.2.2). Stateless. */
public final class RequestPath {

  private RequestPath() {}

  /**
   * The path with {@code %2e} decoded and dot segments resolved; null if it climbs out of the root.
   *
   * @param path without query, starting with a slash
   */
  public static @Nullable String resolve(String path) {
    if (path.indexOf('.') < 0 && !hasEncodedDot(path)) {
      return path;
    }
    String decoded = path.replace("%2e", ".").replace("%2E", ".");
    if (!decoded.contains("/.")) {
      return decoded;
    }
    Deque<String> segments = new ArrayDeque<>();
    String[] parts = decoded.substring(1).split("/", -1);
    for (int i = 0; i < parts.length; i++) {
      boolean last = i == parts.length - 1;
      switch (parts[i]) {
        case "." -> {
          if (last) {
            segments.addLast("");
          }
        }
        case ".." -> {
          if (segments.pollLast() == null) {
            return null;
          }
          if (last) {
            segments.addLast("");
          }
        }
        default -> segments.addLast(parts[i]);
      }
    }
    return "/" + String.join("/", segments);
  }

  private static boolean hasEncodedDot(String path) {
    int percent = path.indexOf('%');
    return percent >= 0 && (path.indexOf("%2e", percent) >= 0 || path.indexOf("%2E", percent) >= 0);
  }
}
