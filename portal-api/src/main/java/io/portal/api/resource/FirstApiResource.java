package io.portal.api.resource;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import io.portal.store.json.ModelJson;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The first API (2015), which names a service by three parts of the path and a server by two. */
public final class FirstApiResource {

  private static final String SERVICE = "/services/:type/:service_ip/:service_port";
  private static final String SERVERS = SERVICE + "/servers";
  private static final String SERVER = SERVERS + "/:server_ip/:server_port";

  private static final ObjectMapper JSON = new ObjectMapper();

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
        .add("DELETE", SERVICE, this::remove)
        .add("GET", SERVERS, this::servers)
        .add("POST", SERVERS, this::setServers)
        .add("GET", SERVER, this::server)
        .add("POST", SERVER, this::addServer)
        .add("DELETE", SERVER, this::removeServer);
  }

  private Response add(Request request) throws IOException {
    Map<String, String> named = new LinkedHashMap<>();
    named.put("type", request.parameter("type"));
    named.put("host", request.parameter("service_ip"));
    named.put("port", request.parameter("service_port"));
    ModelJson<Service> json = ModelJson.services(portal::firstAddress);
    Service service = json.read(filled(request.body(), named));
    if (!id(request).equals(Optional.of(service.id()))) {
      throw InvalidException.field(
          "service", service.id().display(), "the one that the path names");
    }
    return Bodies.one(json, portal.services().add(service));
  }

  /** The body with what it leaves open taken from the path; what is no object stays as it is. */
  private static byte[] filled(byte[] body, Map<String, String> named) throws IOException {
    JsonNode tree;
    try {
      tree = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return body;
    }
    if (!(tree instanceof ObjectNode object)) {
      return body;
    }
    named.forEach(
        (field, value) -> {
          String given = given(object, field);
          if (given.isEmpty() || given.equals("null") || given.equals("0")) {
            if (field.equals("port") && value.matches("[0-9]{1,10}")) {
              object.put(field, Long.parseLong(value));
            } else {
              object.put(field, value);
            }
          }
        });
    return JSON.writeValueAsBytes(object);
  }

  /** A field's text, its name in whatever case, as bodies are read everywhere. */
  private static String given(ObjectNode object, String field) {
    return object.properties().stream()
        .filter(entry -> entry.getKey().equalsIgnoreCase(field))
        .map(entry -> entry.getValue().asText(""))
        .findFirst()
        .orElse("");
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
    ServerId serverId = serverId(request).orElseThrow(NotFoundException::server);
    return Bodies.one(ModelJson.servers(id), portal.services().getServer(id, serverId));
  }

  private Response addServer(Request request) throws IOException {
    ServiceId id = service(request).id();
    Map<String, String> named = new LinkedHashMap<>();
    named.put("host", request.parameter("server_ip"));
    named.put("port", request.parameter("server_port"));
    ModelJson<Server> json = ModelJson.servers(id);
    Server server = json.read(filled(request.body(), named));
    if (!serverId(request).equals(Optional.of(server.id()))) {
      throw InvalidException.field("server", server.id(), "the one that the path names");
    }
    return Bodies.one(json, portal.services().addServer(id, server));
  }

  private Response removeServer(Request request) {
    Optional<ServiceId> id = id(request);
    Optional<ServerId> serverId = serverId(request);
    return id.isPresent() && serverId.isPresent()
        ? ServersResource.remove(portal, id.get(), serverId.get(), request)
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
