package io.portal.core.model;

import java.util.Comparator;

/**
 * What a route is known by. Each part may be empty, which matches anything.
 *
 * @param subdomain labels before the domain
 * @param domain end of the host, at a label boundary
 * @param path start of the path, see {@code routing}
 */
public record RouteId(String subdomain, String domain, String path) implements Comparable<RouteId> {

  private static final Comparator<RouteId> ORDER =
      Comparator.comparing(RouteId::domain)
          .thenComparing(RouteId::subdomain)
          .thenComparing(RouteId::path);

  /** By domain, subdomain, then path. */
  @Override
  public int compareTo(RouteId other) {
    return ORDER.compare(this, other);
  }

  /** The parts as one readable text for logs and messages. */
  @Override
  public String toString() {
    return (subdomain.isEmpty() ? "" : subdomain + ".")
        + (domain.isEmpty() ? "*" : domain)
        + (path.isEmpty() ? "" : path.startsWith("/") ? path : "/" + path);
  }
}
