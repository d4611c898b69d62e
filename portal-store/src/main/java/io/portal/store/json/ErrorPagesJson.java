package io.portal.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.portal.core.model.ErrorPages;
import java.io.IOException;
import java.util.List;

/** Error pages: {@code no-routes no-healthy}. */
final class ErrorPagesJson extends ModelJson<ErrorPages> {

  private static final String NO_ROUTES = "no-routes";
  private static final String NO_HEALTHY = "no-healthy";
  private static final List<String> FIELDS = List.of(NO_ROUTES, NO_HEALTHY);

  private final ErrorPages now;

  ErrorPagesJson(ErrorPages now) {
    this.now = now;
  }

  @Override
  public ErrorPages read(JsonObject object) {
    return new ErrorPages(
        object.has(NO_ROUTES) ? object.string(NO_ROUTES) : now.noRoutes(),
        object.has(NO_HEALTHY) ? object.string(NO_HEALTHY) : now.noHealthy());
  }

  @Override
  public List<String> fields() {
    return FIELDS;
  }

  @Override
  public void write(JsonGenerator json, ErrorPages pages) throws IOException {
    json.writeStartObject();
    json.writeStringField(NO_ROUTES, pages.noRoutes());
    json.writeStringField(NO_HEALTHY, pages.noHealthy());
    json.writeEndObject();
  }
}
