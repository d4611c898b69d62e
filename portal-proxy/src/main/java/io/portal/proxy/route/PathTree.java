package io.portal.proxy.route;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Path patterns as a tree over segments; a lookup costs what the request's path is long, however
 * many patterns there are. Filled by one thread, then read by any.
 */
final class PathTree<T> {

  /** What a pattern leads to. */
  record Found<T>(int length, T value) {}

  /** A directory of the tree. */
  private static final class Node<T> {
    private final Map<String, Node<T>> children = new HashMap<>();

    /** {@code /a} */
    private @Nullable Found<T> itself;

    /** {@code /a/} */
    private @Nullable Found<T> below;

    /** {@code /a/b*}, by {@code b} */
    private final TreeMap<String, Found<T>> stars = new TreeMap<>();
  }

  private final Node<T> root = new Node<>();
  private @Nullable Found<T> any;
  private @Nullable Found<T> star;
  private final Map<String, Found<T>> literal = new HashMap<>();

  /** Adds a pattern; see the routing rules for its forms. */
  void put(String pattern, T value) {
    Found<T> found = new Found<>(pattern.length(), value);
    if (pattern.isEmpty()) {
      any = found;
    } else if (pattern.equals("*")) {
      star = found;
    } else if (pattern.charAt(0) != '/') {
      // No request path but "*" of OPTIONS starts so; kept to be equal to itself.
      literal.put(pattern, found);
    } else {
      int slash = pattern.lastIndexOf('/');
      Node<T> directory = directory(pattern.substring(0, slash));
      String last = pattern.substring(slash + 1);
      if (last.isEmpty()) {
        directory.below = found;
      } else if (last.endsWith("*")) {
        directory.stars.put(last.substring(0, last.length() - 1), found);
      } else {
        directory.children.computeIfAbsent(last, s -> new Node<>()).itself = found;
      }
    }
  }

  private Node<T> directory(String path) {
    Node<T> node = root;
    for (int at = 0; at < path.length(); ) {
      int end = path.indexOf('/', at + 1);
      String segment = path.substring(at + 1, end < 0 ? path.length() : end);
      node = node.children.computeIfAbsent(segment, s -> new Node<>());
      at = end < 0 ? path.length() : end;
    }
    return node;
  }

  /** The longest pattern that matches; of two equally long ones the one without a star. */
  @Nullable Found<T> find(String path) {
    Found<T> best = longer(any, star);
    if (path.isEmpty() || path.charAt(0) != '/') {
      return longer(best, literal.get(path));
    }
    Node<T> node = root;
    int at = 0;
    while (true) {
      best = atLeast(best, node.below);
      if (node.stars.isEmpty() && node.children.isEmpty()) {
        return best;
      }
      int end = path.indexOf('/', at + 1);
      String segment = path.substring(at + 1, end < 0 ? path.length() : end);
      Found<T> prefix = star(node, segment, path, at + 1);
      Node<T> child = node.children.get(segment);
      if (child != null) {
        best = longer(best, child.itself);
      }
      best = longer(best, prefix);
      if (child == null || end < 0) {
        return best;
      }
      node = child;
      at = end;
    }
  }

  private @Nullable Found<T> star(Node<T> node, String segment, String path, int from) {
    if (node.stars.isEmpty()) {
      return null;
    }
    String wanted = segment;
    while (true) {
      Map.Entry<String, Found<T>> floor = node.stars.floorEntry(wanted);
      if (floor == null || path.startsWith(floor.getKey(), from)) {
        return floor == null ? null : floor.getValue();
      }
      int common = 0;
      String key = floor.getKey();
      while (common < key.length()
          && common < wanted.length()
          && key.charAt(common) == wanted.charAt(common)) {
        common++;
      }
      wanted = wanted.substring(0, common);
    }
  }

  /** As {@link #longer}, for a pattern without a star, which wins over an equally long one. */
  private static <T> @Nullable Found<T> atLeast(@Nullable Found<T> held, @Nullable Found<T> other) {
    return other != null && (held == null || other.length() >= held.length()) ? other : held;
  }

  private static <T> @Nullable Found<T> longer(@Nullable Found<T> held, @Nullable Found<T> other) {
    return other != null && (held == null || other.length() > held.length()) ? other : held;
  }
}
