package io.portal.core.model;

/**
 * The proxy's own pages.
 *
 * @param noRoutes served when no route matches
 * @param noHealthy served when a route has no healthy target
 */
public record ErrorPages(String noRoutes, String noHealthy) {

  /** What is served until somebody sets another text. */
  public static final ErrorPages DEFAULT = new ErrorPages("NoRoutes\n", "NoHealthy\n");
}
