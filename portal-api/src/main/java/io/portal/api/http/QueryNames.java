package io.portal.api.http;

import io.portal.core.InvalidException;
import java.util.Map;
import java.util.TreeSet;

/**
 * Refuses values of the query that an endpoint does not read: where the client asks for it with
 * {@code strict=true}, and always on {@code DELETE}, for {@code ?drian=30s} would cut connections
 * that {@code ?drain=30s} spares.
 */
final class QueryNames {

  /** Asks that what portal does not know is refused. */
  static final String STRICT = "strict";

  private QueryNames() {}

  /**
   * Whether the query asks for strictness.
   *
   * @throws InvalidException if it is neither true nor false
   */
  static boolean strict(Map<String, String> query) {
    String value = query.getOrDefault(STRICT, "false");
    if (!value.equals("true") && !value.equals("false")) {
      throw InvalidException.field(STRICT, value, "true or false");
    }
    return value.equals("true");
  }

  /**
   * Checks the names.
   *
   * @throws InvalidException naming the first that the endpoint does not read
   */
  static void check(Router.Endpoint endpoint, Map<String, String> query) {
    if (!strict(query) && !endpoint.method().equals("DELETE")) {
      return;
    }
    TreeSet<String> known = new TreeSet<>(endpoint.query());
    known.add(STRICT);
    for (String name : query.keySet()) {
      if (!known.contains(name) && !name.equals(Token.NAME)) {
        throw InvalidException.field("query parameter", name, "one of " + String.join(", ", known));
      }
    }
  }
}
