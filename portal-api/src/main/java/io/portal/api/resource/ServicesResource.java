package io.portal.api.resource;

import io.portal.api.http.Request;
import io.portal.api.http.Response;
import io.portal.api.http.Router;
import io.portal.core.InvalidException;
import io.portal.core.NotFoundException;
import io.portal.core.Portal;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.store.json.JsonObject;
import io.portal.store.json.ModelJson;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code /services} and {@code /services/:id}. */
public final class ServicesResource {

  /** The query's value that says how long connections may go on. */
  static final String DRAINING = "drain";

  private static final Pattern DRAIN = Pattern.compile("([0-9]{1,6})(s|m|h)?");
  private static final Duration LONGEST_DRAIN = Duration.ofDays(7);

  private final Portal portal;
  private final ModelJson<Service> json;

  /** Services of that portal. */
  public ServicesResource(Portal portal) {
    this.portal = portal;
    this.json = ModelJson.services(portal::firstAddress);
  }

  /** Adds the paths. */
  public void addTo(Router router) {
    router
        .add("GET", "/services", request -> Bodies.all(json, portal.services().list()))
        .add("POST", "/services", this::add)
        .add("PUT", "/services", this::replaceAll)
        .add(
            "GET", "/services/:id", request -> Bodies.one(json, portal.services().get(id(request))))
        .add("PUT", "/services/:id", this::replace)
        .add("PATCH", "/services/:id", this::patch)
        .add("DELETE", "/services/:id", this::remove, DRAINING);
  }

  private Response add(Request request) throws IOException {
    if (Bodies.isArray(request)) {
      // The first API replaced the list this way.
      return replaceAll(request);
    }
    return Bodies.one(json, portal.services().add(Bodies.read(json, request)));
  }

  private Response replaceAll(Request request) throws IOException {
    return Bodies.all(json, portal.services().setAll(Bodies.list(json, request)));
  }

  private Response replace(Request request) throws IOException {
    Service service = Bodies.read(json, request);
    return Bodies.one(json, portal.services().replace(id(request), service));
  }

  private Response patch(Request request) throws IOException {
    JsonObject patch = Bodies.patch(request);
    ModelJson<Service> form = Bodies.form(json, request);
    return Bodies.one(
        json, portal.services().update(id(request), there -> Bodies.patched(form, there, patch)));
  }

  private Response remove(Request request) {
    Optional<ServiceId> id = ServiceId.parse(request.parameter("id"));
    return id.isPresent() ? remove(portal, id.get(), request) : Bodies.SUCCESS;
  }

  /** Removes a service, with the drain that the query asks for. */
  static Response remove(Portal portal, ServiceId id, Request request) {
    Optional<Duration> drain = drain(request);
    if (drain.isPresent()) {
      return portal.services().remove(id, drain.get()) ? Bodies.DRAINING : Bodies.SUCCESS;
    }
    portal.services().remove(id);
    return Bodies.SUCCESS;
  }

  /** The service that the path names. */
  static ServiceId id(Request request) {
    return ServiceId.parse(request.parameter("id")).orElseThrow(NotFoundException::service);
  }

  /** How long the query lets connections end; empty for not at all. */
  static Optional<Duration> drain(Request request) {
    Optional<String> text = request.query(DRAINING);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Matcher matcher = DRAIN.matcher(text.get());
    if (matcher.matches()) {
      long count = Long.parseLong(matcher.group(1));
      String unit = matcher.group(2) == null ? "s" : matcher.group(2);
      Duration drain =
          unit.equals("h")
              ? Duration.ofHours(count)
              : unit.equals("m") ? Duration.ofMinutes(count) : Duration.ofSeconds(count);
      if (drain.compareTo(LONGEST_DRAIN) <= 0) {
        return drain.isZero() ? Optional.empty() : Optional.of(drain);
      }
    }
    throw InvalidException.field(
        DRAINING, text.get(), "a time of up to 7 days such as 30s, 5m or 1h");
  }
}
