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
 * @param body the body; empty if there is none
 */
public record Request(
    String method,
    String path,
    Map<String, String> parameters,
    Map<String, String> query,
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
