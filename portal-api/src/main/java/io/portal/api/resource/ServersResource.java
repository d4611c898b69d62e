package io.portal.api.resource;

import io.portal.api.http.Request;
import io.portal.api.http.Response;
import io.portal.api.http.Router;
import io.portal.core.NotFoundException;
import io.portal.core.Portal;
import io.portal.core.model.Addresses;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServiceId;
import io.portal.store.json.JsonObject;
import io.portal.store.json.ModelJson;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code /services/:id/servers} and {@code /services/:id/servers/:server_id}. */
public final class ServersResource {

  private final Portal portal;

  /** Servers of that portal's services. */
  public ServersResource(Portal portal) {
    this.portal = portal;
  }

  /** Adds the paths. */
  public void addTo(Router router) {
    router
        .add("GET", "/services/:id/servers", this::list)
        .add("POST", "/services/:id/servers", this::add)
        .add("PUT", "/services/:id/servers", this::replaceAll)
        .add("GET", "/services/:id/servers/:server_id", this::get)
        .add("PUT", "/services/:id/servers/:server_id", this::replace)
        .add("PATCH", "/services/:id/servers/:server_id", this::patch)
        .add("DELETE", "/services/:id/servers/:server_id", this::remove, ServicesResource.DRAINING);
  }

  private Response list(Request request) throws IOException {
    ServiceId id = ServicesResource.id(request);
    return Bodies.all(ModelJson.servers(id), portal.services().get(id).servers());
  }

  private Response add(Request request) throws IOException {
    ServiceId id = ServicesResource.id(request);
    portal.services().get(id);
    ModelJson<Server> json = ModelJson.servers(id);
    return Bodies.one(json, portal.services().addServer(id, Bodies.read(json, request)));
  }

  private Response replaceAll(Request request) throws IOException {
    ServiceId id = ServicesResource.id(request);
    portal.services().get(id);
    ModelJson<Server> json = ModelJson.servers(id);
    List<Server> servers = Bodies.list(json, request);
    return Bodies.all(json, portal.services().setServers(id, servers));
  }

  private Response get(Request request) throws IOException {
    ServiceId id = ServicesResource.id(request);
    ServerId serverId = serverId(id, request).orElseThrow(NotFoundException::server);
    return Bodies.one(ModelJson.servers(id), portal.services().getServer(id, serverId));
  }

  /** What the body leaves open of host and port is taken from the path. */
  private Response replace(Request request) throws IOException {
    ServiceId id = ServicesResource.id(request);
    ServerId serverId = serverId(id, request).orElseThrow(NotFoundException::server);
    ModelJson<Server> json = ModelJson.servers(id);
    JsonObject object = Bodies.object(request);
    object.fill("host", Addresses.text(serverId.host()));
    if (!object.has("port")) {
      object.fill("port", Integer.toString(serverId.port()));
    }
    Server server = Bodies.form(json, request).read(object);
    return Bodies.one(json, portal.services().updateServer(id, serverId, there -> server));
  }

  private Response patch(Request request) throws IOException {
    ServiceId id = ServicesResource.id(request);
    ServerId serverId = serverId(id, request).orElseThrow(NotFoundException::server);
    JsonObject patch = Bodies.patch(request);
    ModelJson<Server> json = ModelJson.servers(id);
    ModelJson<Server> form = Bodies.form(json, request);
    return Bodies.one(
        json,
        portal.services().updateServer(id, serverId, there -> Bodies.patched(form, there, patch)));
  }

  private Response remove(Request request) {
    Optional<ServiceId> id = ServiceId.parse(request.parameter("id"));
    Optional<ServerId> serverId = id.flatMap(service -> serverId(service, request));
    return id.isPresent() && serverId.isPresent()
        ? remove(portal, id.get(), serverId.get(), request)
        : Bodies.SUCCESS;
  }

  /** Removes a server, with the drain that the query asks for; one that is not there is gone. */
  static Response remove(Portal portal, ServiceId id, ServerId serverId, Request request) {
    Optional<Duration> drain = ServicesResource.drain(request);
    if (portal.services().find(id).isEmpty()) {
      return Bodies.SUCCESS;
    }
    if (drain.isPresent()) {
      return portal.services().removeServer(id, serverId, drain.get())
          ? Bodies.DRAINING
          : Bodies.SUCCESS;
    }
    portal.services().removeServer(id, serverId);
    return Bodies.SUCCESS;
  }

  private Optional<ServerId> serverId(ServiceId service, Request request) {
    return ServerId.parse(request.parameter("server_id")).map(id -> meant(portal, service, id));
  }

  /**
   * The server that clients mean: they name one that they added as 127.0.0.1 so, and it was given
   * the service's address.
   */
  static ServerId meant(Portal portal, ServiceId service, ServerId named) {
    boolean stored =
        portal.services().find(service).flatMap(there -> there.server(named)).isPresent();
    return stored ? named : named.behind(service);
  }
}
