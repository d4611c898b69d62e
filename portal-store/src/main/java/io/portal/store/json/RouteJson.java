package io.portal.store.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.portal.core.InvalidException;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Routes: {@code subdomain domain path targets fwdpath page endpoint? expected_code? expected_body?
 * expected_header? host? timeout? attempts?}. A route with an endpoint shows the status, time-out
 * and attempts that hold, also where they are the default.
 */
final class RouteJson extends ModelJson<Route> {

  private static final List<String> FIELDS =
      List.of(
          "subdomain",
          "domain",
          "path",
          "targets",
          "fwdpath",
          "page",
          "endpoint",
          "expected_code",
          "expected_body",
          "expected_header",
          "host",
          "timeout",
          "attempts");

  @Override
  public Route read(JsonObject object) {
    List<URI> targets = new ArrayList<>();
    for (String target : object.strings("targets")) {
      try {
        targets.add(new URI(target));
      } catch (URISyntaxException e) {
        throw InvalidException.field(
            "targets", target, "URIs such as http://10.0.0.1:8080/path (http, https or h2c)");
      }
    }
    return new Route(
        routeId(object), targets, object.string("fwdpath"), object.string("page"), health(object));
  }

  private static HealthCheck health(JsonObject object) {
    HealthCheck defaults = HealthCheck.NONE;
    return new HealthCheck(
        object.string("endpoint"),
        whole(object, "expected_code", defaults.expectedCode(), 599, "a status of 100 to 599"),
        object.string("expected_body"),
        object.string("expected_header"),
        object.string("host"),
        Duration.ofMillis(
            whole(
                object,
                "timeout",
                (int) defaults.timeout().toMillis(),
                3600000,
                "1 to 3600000 milliseconds")),
        whole(object, "attempts", defaults.attempts(), 1000, "1 to 1000"));
  }

  /** A number whose 0 means the default, as with the old portal. */
  private static int whole(
      JsonObject object, String field, int byDefault, int max, String allowed) {
    int value = (int) object.whole(field, 0, max, allowed).orElse(0);
    return value == 0 ? byDefault : value;
  }

  @Override
  public List<String> fields() {
    return FIELDS;
  }

  @Override
  public void write(JsonGenerator json, Route route) throws IOException {
    json.writeStartObject();
    json.writeStringField("subdomain", route.id().subdomain());
    json.writeStringField("domain", route.id().domain());
    json.writeStringField("path", route.id().path());
    if (route.targets().isEmpty()) {
      json.writeNullField("targets");
    } else {
      json.writeArrayFieldStart("targets");
      for (URI target : route.targets()) {
        json.writeString(target.toString());
      }
      json.writeEndArray();
    }
    json.writeStringField("fwdpath", route.fwdpath());
    json.writeStringField("page", route.page());
    writeHealth(json, route.health());
    json.writeEndObject();
  }

  private static void writeHealth(JsonGenerator json, HealthCheck health) throws IOException {
    HealthCheck defaults = HealthCheck.NONE;
    writeText(json, "endpoint", health.endpoint());
    if (health.enabled() || health.expectedCode() != defaults.expectedCode()) {
      json.writeNumberField("expected_code", health.expectedCode());
    }
    writeText(json, "expected_body", health.expectedBody());
    writeText(json, "expected_header", health.expectedHeader());
    writeText(json, "host", health.host());
    if (health.enabled() || !health.timeout().equals(defaults.timeout())) {
      json.writeNumberField("timeout", health.timeout().toMillis());
    }
    if (health.enabled() || health.attempts() != defaults.attempts()) {
      json.writeNumberField("attempts", health.attempts());
    }
  }

  private static void writeText(JsonGenerator json, String field, String value) throws IOException {
    if (!value.isEmpty()) {
      json.writeStringField(field, value);
    }
  }
}
