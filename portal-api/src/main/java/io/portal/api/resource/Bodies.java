package io.portal.api.resource;

import io.portal.api.http.Errors;
import io.portal.api.http.Request;
import io.portal.api.http.Response;
import io.portal.core.InvalidException;
import io.portal.store.json.BadJsonException;
import io.portal.store.json.JsonObject;
import io.portal.store.json.ModelJson;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Bodies of requests and answers. */
final class Bodies {

  static final Response SUCCESS = Response.json(200, Errors.object("msg", "Success"));
  static final Response DRAINING = Response.json(202, Errors.object("msg", "Draining"));

  private Bodies() {}

  /** The model as the request wants it read. */
  static <T> ModelJson<T> form(ModelJson<T> json, Request request) {
    return request.strict() ? json.strict() : json;
  }

  /** The model of a body that is an object. */
  static <T> T read(ModelJson<T> json, Request request) throws IOException {
    return form(json, request).read(object(request));
  }

  /** The body that is an object. */
  static JsonObject object(Request request) throws IOException {
    return JsonObject.read(new ByteArrayInputStream(request.body()));
  }

  /** The body that is a merge patch (RFC 7396). */
  static JsonObject patch(Request request) throws IOException {
    return JsonObject.readPatch(new ByteArrayInputStream(request.body()));
  }

  /**
   * The model after the patch; runs on the reconciler's thread.
   *
   * @throws InvalidException also for what {@link #read} calls bad JSON
   */
  static <T> T patched(ModelJson<T> json, T model, JsonObject patch) {
    try {
      return json.patched(model, patch);
    } catch (BadJsonException e) {
      throw new InvalidException(BadJsonException.ANSWER);
    }
  }

  /** The models of a body that is an array. */
  static <T> List<T> list(ModelJson<T> json, Request request) throws IOException {
    List<T> models = new ArrayList<>();
    form(json, request).readArray(new ByteArrayInputStream(request.body()), models::add);
    return models;
  }

  /** Whether a body is an array, by its first character. */
  static boolean isArray(Request request) {
    for (byte b : request.body()) {
      if (b == '[') {
        return true;
      }
      if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
        return false;
      }
    }
    return false;
  }

  static <T> Response one(ModelJson<T> json, T model) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    json.write(out, model);
    return finished(out);
  }

  static <T> Response all(ModelJson<T> json, Iterable<T> models) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
    json.writeArray(out, models);
    return finished(out);
  }

  private static Response finished(ByteArrayOutputStream out) {
    out.write('\n');
    return new Response(200, "application/json", out.toByteArray(), Map.of());
  }
}
