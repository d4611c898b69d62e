package io.portal.api.resource;

import com.google.common.net.InetAddresses;
import io.portal.api.http.Request;
import io.portal.api.http.Response;
import io.portal.api.http.Router;
import io.portal.core.InvalidException;
import io.portal.core.NotFoundException;
import io.portal.core.Portal;
import io.portal.core.model.Addresses;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.store.json.JsonObject;
import io.portal.store.json.ModelJson;
import java.io.IOException;
import java.util.Optional;

/** The first API (2015), which names a service by three parts of the path and a server by two. */
public final class FirstApiResource {

  private static final String SERVICE = "/services/:type/:service_ip/:service_port";
  private static final String SERVERS = SERVICE + "/servers";
  private static final String SERVER = SERVERS + "/:server_ip/:server_port";

  private final Portal portal;

  /** Services of that portal. */
  public FirstApiResource(Portal portal) {
    this.portal = portal;
  }

  /** Adds the paths. */
  public void addTo(Router router) {
    router
        .add("GET", SERVICE, request -> Bodies.one(ModelJson.SERVICE, service(request)))
        .add("POST", SERVICE, this::add)
        .add("DELETE", SERVICE, this::remove, ServicesResource.DRAINING)
        .add("GET", SERVERS, this::servers)
        .add("POST", SERVERS, this::setServers)
        .add("GET", SERVER, this::server)
        .add("POST", SERVER, this::addServer)
        .add("DELETE", SERVER, this::removeServer, ServicesResource.DRAINING);
  }

  private Response add(Request request) throws IOException {
    JsonObject object = Bodies.object(request);
    object.fill("type", request.parameter("type"));
    object.fill("host", request.parameter("service_ip"));
    object.fill("port", request.parameter("service_port"));
    ModelJson<Service> json = ModelJson.services(portal::firstAddress);
    Service service = Bodies.form(json, request).read(object);
    if (!id(request).equals(Optional.of(service.id()))) {
      throw InvalidException.field(
          "service", service.id().display(), "the one that the path names");
    }
    return Bodies.one(json, portal.services().add(service));
  }

  private Response remove(Request request) {
    Optional<ServiceId> id = id(request);
    return id.isPresent() ? ServicesResource.remove(portal, id.get(), request) : Bodies.SUCCESS;
  }

  private Response servers(Request request) throws IOException {
    Service service = service(request);
    return Bodies.all(ModelJson.servers(service.id()), service.servers());
  }

  private Response setServers(Request request) throws IOException {
    ServiceId id = service(request).id();
    ModelJson<Server> json = ModelJson.servers(id);
    return Bodies.all(json, portal.services().setServers(id, Bodies.list(json, request)));
  }

  private Response server(Request request) throws IOException {
    ServiceId id = service(request).id();
    ServerId serverId =
        serverId(request)
            .map(named -> ServersResource.meant(portal, id, named))
            .orElseThrow(NotFoundException::server);
    return Bodies.one(ModelJson.servers(id), portal.services().getServer(id, serverId));
  }

  private Response addServer(Request request) throws IOException {
    ServiceId id = service(request).id();
    JsonObject object = Bodies.object(request);
    object.fill("host", request.parameter("server_ip"));
    object.fill("port", request.parameter("server_port"));
    ModelJson<Server> json = ModelJson.servers(id);
    Server server = Bodies.form(json, request).read(object);
    if (!serverId(request).map(named -> named.behind(id)).equals(Optional.of(server.id()))) {
      throw InvalidException.field("server", server.id(), "the one that the path names");
    }
    return Bodies.one(json, portal.services().addServer(id, server));
  }

  private Response removeServer(Request request) {
    Optional<ServiceId> id = id(request);
    Optional<ServerId> serverId = serverId(request);
    return id.isPresent() && serverId.isPresent()
        ? ServersResource.remove(
            portal, id.get(), ServersResource.meant(portal, id.get(), serverId.get()), request)
        : Bodies.SUCCESS;
  }

  private Service service(Request request) {
    return portal.services().get(id(request).orElseThrow(NotFoundException::service));
  }

  private static Optional<ServiceId> id(Request request) {
    return ServiceId.parse(
        request.parameter("type")
            + "-"
            + idAddress(request.parameter("service_ip"))
            + "-"
            + request.parameter("service_port"));
  }

  private static Optional<ServerId> serverId(Request request) {
    return ServerId.parse(
        idAddress(request.parameter("server_ip")) + "-" + request.parameter("server_port"));
  }

  private static String idAddress(String address) {
    return InetAddresses.isInetAddress(address)
        ? Addresses.idText(InetAddresses.forString(address))
        : address;
  }
}
