package io.portal.api.resource;

import io.portal.api.http.Errors;
import io.portal.api.http.Request;
import io.portal.api.http.Response;
import io.portal.api.http.Router;
import io.portal.core.InvalidException;
import io.portal.store.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** {@code /log-level}: how much the daemon logs, from now until its next start. */
public final class LogLevelResource {

  private static final String FIELD = "level";
  private static final List<String> LEVELS = List.of("trace", "debug", "info", "warn", "error");

  private final Supplier<String> level;
  private final Consumer<String> setLevel;

  /**
   * Of that log.
   *
   * @param level the level of now, in any case of letters
   * @param setLevel changes it
   */
  public LogLevelResource(Supplier<String> level, Consumer<String> setLevel) {
    this.level = level;
    this.setLevel = setLevel;
  }

  /** Adds the path. */
  public void addTo(Router router) {
    router.add("GET", "/log-level", request -> shown()).add("PUT", "/log-level", this::change);
  }

  private Response change(Request request) throws IOException {
    JsonObject object = Bodies.object(request);
    if (request.strict()) {
      object.allow(List.of(FIELD));
    }
    String wanted = object.string(FIELD);
    if (!LEVELS.contains(wanted.toLowerCase(Locale.ROOT))) {
      throw InvalidException.field(FIELD, wanted, "trace, debug, info, warn or error");
    }
    setLevel.accept(wanted);
    return shown();
  }

  private Response shown() {
    return Response.json(200, Errors.object(FIELD, level.get().toLowerCase(Locale.ROOT)));
  }
}
