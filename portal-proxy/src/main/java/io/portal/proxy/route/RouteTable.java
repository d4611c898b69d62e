package io.portal.proxy.route;

import io.portal.core.model.RouteId;
import java.net.IDN;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a host and path. A tree over the labels of the domain, right to left, then
 * over those of the subdomain, left to right, then over the path: a match costs the same with ten
 * routes and with a hundred thousand. Immutable once made, thread-safe, never blocks.
 *
 * @param <T> what a route leads to
 */
public final class RouteTable<T> {

  /** A label of a domain, or of a subdomain before one. */
  private static final class Node<T> {
    private final Map<String, Node<T>> children = new HashMap<>();
    private @Nullable Node<T> subdomains;
    private @Nullable PathTree<T> paths;

    private PathTree<T> paths() {
      PathTree<T> tree = paths;
      if (tree == null) {
        tree = new PathTree<>();
        paths = tree;
      }
      return tree;
    }
  }

  /** A match and what it is ranked by. */
  private record Candidate<T>(int subdomainLength, int domainLength, PathTree.Found<T> path) {

    private boolean betterThan(@Nullable Candidate<T> other) {
      if (other == null) {
        return true;
      }
      int order = Boolean.compare(subdomainLength > 0, other.subdomainLength > 0);
      order = order != 0 ? order : Boolean.compare(domainLength > 0, other.domainLength > 0);
      // A route without a path has the length 0: "with before without" is within "longest".
      order = order != 0 ? order : Integer.compare(path.length(), other.path.length());
      order = order != 0 ? order : Integer.compare(domainLength, other.domainLength);
      order = order != 0 ? order : Integer.compare(subdomainLength, other.subdomainLength);
      return order > 0;
    }
  }

  private static final String[] NO_LABELS = {};

  private final Node<T> root = new Node<>();

  /** A table of these values, each under the identity that {@code id} gives it. */
  public RouteTable(Collection<T> values, Function<T, RouteId> id) {
    // Of two paths that mean the same, the one that is written as it is matched counts.
    for (T value : values) {
      String path = id.apply(value).path();
      String pattern = RequestPath.pattern(path);
      if (!pattern.equals(path)) {
        add(id.apply(value), pattern, value);
      }
    }
    for (T value : values) {
      String path = id.apply(value).path();
      if (RequestPath.pattern(path).equals(path)) {
        add(id.apply(value), path, value);
      }
    }
  }

  private void add(RouteId id, String pattern, T value) {
    Node<T> node = root;
    String[] domain = labels(ascii(id.domain()));
    for (int i = domain.length - 1; i >= 0; i--) {
      node = node.children.computeIfAbsent(domain[i], label -> new Node<>());
    }
    String[] subdomain = labels(ascii(id.subdomain()));
    if (subdomain.length > 0) {
      Node<T> first = node.subdomains;
      if (first == null) {
        first = new Node<>();
        node.subdomains = first;
      }
      node = first;
      for (String label : subdomain) {
        node = node.children.computeIfAbsent(label, l -> new Node<>());
      }
    }
    node.paths().put(pattern, value);
  }

  /**
   * The best route, or null for none.
   *
   * @param host without port; case and a trailing dot do not matter
   * @param path of the request as {@link RequestPath#normalize} gives it
   */
  public @Nullable T match(String host, String path) {
    if (root.children.isEmpty() && root.subdomains == null) {
      // No route asks for a host.
      PathTree.Found<T> found = root.paths == null ? null : root.paths.find(path);
      return found == null ? null : found.value();
    }
    String[] labels = labels(host);
    int first = 0;
    do {
      Candidate<T> best = best(labels, first, path);
      if (best != null) {
        return best.path().value();
      }
      first++;
    } while (first < labels.length);
    return null;
  }

  private @Nullable Candidate<T> best(String[] labels, int first, String path) {
    Candidate<T> best = null;
    Node<T> domain = root;
    int domainLength = 0;
    int at = labels.length;
    while (domain != null) {
      best = better(best, domain, 0, domainLength, path);
      Node<T> subdomain = domain.subdomains;
      int subdomainLength = 0;
      for (int i = first; subdomain != null && i < at; i++) {
        subdomain = subdomain.children.get(labels[i]);
        subdomainLength += labels[i].length() + 1;
        if (subdomain != null) {
          best = better(best, subdomain, subdomainLength, domainLength, path);
        }
      }
      at--;
      if (at < first) {
        break;
      }
      domainLength += labels[at].length() + 1;
      domain = domain.children.get(labels[at]);
    }
    return best;
  }

  private static <T> @Nullable Candidate<T> better(
      @Nullable Candidate<T> best, Node<T> node, int subdomain, int domain, String path) {
    PathTree.Found<T> found = node.paths == null ? null : node.paths.find(path);
    if (found == null) {
      return best;
    }
    Candidate<T> candidate = new Candidate<>(subdomain, domain, found);
    return candidate.betterThan(best) ? candidate : best;
  }

  /** A name as clients send it: A-labels in place of what is not ASCII (RFC 5890 2.3.2.1). */
  private static String ascii(String name) {
    try {
      return name.chars().allMatch(c -> c < 0x80) ? name : IDN.toASCII(name, IDN.ALLOW_UNASSIGNED);
    } catch (IllegalArgumentException e) {
      return name;
    }
  }

  private static String[] labels(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    int end = name.endsWith(".") ? name.length() - 1 : name.length();
    if (end == 0) {
      return NO_LABELS;
    }
    int count = 1;
    for (int dot = name.indexOf('.'); dot >= 0 && dot < end; dot = name.indexOf('.', dot + 1)) {
      count++;
    }
    String[] labels = new String[count];
    int from = 0;
    for (int i = 0; i < count - 1; i++) {
      int dot = name.indexOf('.', from);
      labels[i] = name.substring(from, dot);
      from = dot + 1;
    }
    labels[count - 1] = name.substring(from, end);
    return labels;
  }
}
