package io.portal.api.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer of the API.
 *
 * @param status the HTTP status
 * @param contentType the body's type
 * @param body the body, which ends with a newline
 * @param headers further headers
 * @param stream writes the body in pieces, for one that is too large to be held; null for one that
 *     is held in {@code body}
 */
public record Response(
    int status,
    String contentType,
    byte[] body,
    Map<String, String> headers,
    @Nullable Stream stream) {

  /** Writes a body; may block. */
  @FunctionalInterface
  public interface Stream {
    /**
     * Writes all of it.
     *
     * @throws IOException if the client is gone or does not read
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /** A response whose body is held. */
  public Response(int status, String contentType, byte[] body, Map<String, String> headers) {
    this(status, contentType, body, headers, null);
  }

  /** A response whose body is written piece by piece. */
  public static Response streamed(String contentType, Stream stream) {
    return new Response(200, contentType, new byte[0], Map.of(), stream);
  }

  /** An answer in JSON; the newline is added. */
  public static Response json(int status, String json) {
    return new Response(
        status, "application/json", (json + "\n").getBytes(StandardCharsets.UTF_8), Map.of());
  }

  /** This answer with a header more. */
  public Response header(String name, String value) {
    return new Response(status, contentType, body, Map.of(name, value), stream);
  }
}
