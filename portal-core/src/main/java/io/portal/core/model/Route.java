package io.portal.core.model;

import io.portal.core.InvalidException;
import java.net.URI;
import java.util.List;
import java.util.Set;

/**
 * Where requests for a host and path go. Immutable.
 *
 * @param id subdomain, domain and path
 * @param targets absolute {@code http}, {@code https} or {@code h2c} URIs; may be empty
 * @param fwdpath replaces the route's path towards the targets; empty to keep the path
 * @param page served instead of asking a target; empty for none
 * @param health how targets are checked
 */
public record Route(
    RouteId id, List<URI> targets, String fwdpath, String page, HealthCheck health) {

  private static final Set<String> SCHEMES = Set.of("http", "https", "h2c");

  /**
   * Checks the parts.
   *
   * @throws InvalidException if a target is no absolute URI of a scheme that can be spoken
   */
  public Route {
    targets = List.copyOf(targets);
    for (URI target : targets) {
      if (target.getScheme() == null
          || !SCHEMES.contains(target.getScheme())
          || target.getHost() == null
          || target.getRawUserInfo() != null
          || target.getPort() == 0
          || target.getPort() > 65535) {
        throw InvalidException.field(
            "targets", target, "URIs such as http://10.0.0.1:8080/path (http, https or h2c)");
      }
    }
  }
}
