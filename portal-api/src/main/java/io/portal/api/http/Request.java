package io.portal.api.http;

import java.util.Map;
import java.util.Optional;

/**
 * A request of the API, whole.
 *
 * @param method upper case
 * @param path as it came, without the query
 * @param parameters the values that the path's template names, decoded
 * @param query the query's values, decoded; of repeated names the first
 * @param strict whether the client asks that what portal does not know is refused: fields of the
 *     body, and values of the query
 * @param body the body; empty if there is none
 */
public record Request(
    String method,
    String path,
    Map<String, String> parameters,
    Map<String, String> query,
    boolean strict,
    byte[] body) {

  /** A value that the path's template names. */
  public String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }

  /** A value of the query. */
  public Optional<String> query(String name) {
    return Optional.ofNullable(query.get(name));
  }
}
