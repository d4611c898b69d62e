package io.portal.core.model;

/**
 * The proxy's own pages.
 *
 * @param noRoutes served when no route matches; an empty one is the default
 * @param noHealthy served when a route has no healthy target; an empty one is the default
 */
public record ErrorPages(String noRoutes, String noHealthy) {

  /** What is served until somebody sets another text. */
  public static final ErrorPages DEFAULT = new ErrorPages("", "");

  /** Puts the defaults in place of what is empty. */
  public ErrorPages {
    if (noRoutes.isEmpty()) {
      noRoutes = "NoRoutes\n";
    }
    if (noHealthy.isEmpty()) {
      noHealthy = "NoHealthy\n";
    }
  }
}
