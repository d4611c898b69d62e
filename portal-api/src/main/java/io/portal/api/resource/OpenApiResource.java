package io.portal.api.resource;

import io.portal.api.http.Response;
import io.portal.api.http.Router;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * {@code /openapi.json}: this API as OpenAPI 3.1. The document is the resource {@code openapi.json}
 * beside this class; a test compares it with the paths and answers of a running daemon.
 */
public final class OpenApiResource {

  private static final String DOCUMENT = "openapi.json";

  /** Adds the path. */
  public void addTo(Router router) {
    router.add("GET", "/openapi.json", request -> document());
  }

  private static Response document() throws IOException {
    try (InputStream in = OpenApiResource.class.getResourceAsStream(DOCUMENT)) {
      if (in == null) {
        throw new FileNotFoundException("the jar is damaged: it lacks " + DOCUMENT);
      }
      return new Response(200, "application/json", in.readAllBytes(), Map.of());
    }
  }
}
