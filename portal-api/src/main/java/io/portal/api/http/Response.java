package io.portal.api.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * An answer of the API.
 *
 * @param status the HTTP status
 * @param contentType the body's type
 * @param body the body, which ends with a newline
 * @param headers further headers
 */
public record Response(int status, String contentType, byte[] body, Map<String, String> headers) {

  /** An answer in JSON; the newline is added. */
  public static Response json(int status, String json) {
    return new Response(
        status, "application/json", (json + "\n").getBytes(StandardCharsets.UTF_8), Map.of());
  }

  /** This answer with a header more. */
  public Response header(String name, String value) {
    return new Response(status, contentType, body, Map.of(name, value));
  }
}
