package io.portal.api.resource;

import io.portal.api.http.Errors;
import io.portal.api.http.Request;
import io.portal.api.http.Response;
import io.portal.api.http.Router;
import io.portal.core.Health;
import io.portal.core.Portal;
import io.portal.core.model.ErrorPages;
import io.portal.store.json.ModelJson;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What concerns portal as a whole: {@code /errors}, {@code /sync}, health and version. */
public final class StateResource {

  private final Portal portal;
  private final String version;
  private final Supplier<Optional<String>> cluster;

  /**
   * Of that portal.
   *
   * @param version as JSON
   * @param cluster whether the cluster takes writes, in one word; empty for a portal on its own
   */
  public StateResource(Portal portal, String version, Supplier<Optional<String>> cluster) {
    this.portal = portal;
    this.version = version;
    this.cluster = cluster;
  }

  /** Adds the paths. */
  public void addTo(Router router) {
    router
        .open("GET", "/healthz", request -> Response.json(200, "{\"status\":\"live\"}"))
        .open("GET", "/readyz", request -> ready())
        .add("GET", "/version", request -> Response.json(200, version))
        .add("GET", "/errors", request -> Bodies.one(ModelJson.PAGES, portal.pages()))
        .add("POST", "/errors", this::setPages)
        .add("PUT", "/errors", this::setPages)
        .add("GET", "/sync", request -> adopt())
        .add("POST", "/sync", request -> program());
  }

  private Response setPages(Request request) throws IOException {
    ErrorPages pages = Bodies.read(ModelJson.pages(portal.pages()), request);
    return Bodies.one(ModelJson.PAGES, portal.setPages(pages));
  }

  private Response adopt() {
    portal.adopt();
    return Bodies.SUCCESS;
  }

  private Response program() {
    portal.reconcile();
    return Bodies.SUCCESS;
  }

  private Response ready() {
    Health health = portal.health();
    String failing =
        health.failing().entrySet().stream()
            .map(entry -> pair(entry))
            .collect(Collectors.joining(",", "{", "}"));
    return Response.json(
        health.ready() ? 200 : 503,
        "{\"ready\":"
            + health.ready()
            + ",\"revision\":"
            + health.revision()
            + ",\"passes\":"
            + health.passes()
            + ",\"changes\":"
            + health.changes()
            + ",\"drift_repaired\":"
            + health.driftRepaired()
            + (health.unmanaged() == 0 ? "" : ",\"unmanaged\":" + health.unmanaged())
            + cluster.get().map(phase -> ",\"cluster\":\"" + phase + "\"").orElse("")
            + ",\"failing\":"
            + failing
            + "}");
  }

  private static String pair(Map.Entry<String, String> entry) {
    String object = Errors.object(entry.getKey(), entry.getValue());
    return object.substring(1, object.length() - 1);
  }
}
