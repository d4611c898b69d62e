package io.portal.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A list of the API, and how two states of it are compared. */
enum Section {
  // In the order in which they are imported: a service may stand on a vip's alias, a route may
  // want its certificate.
  VIPS("vips", "vip", Map.of()),
  CERTS("certs", "cert", Map.of()),
  SERVICES("services", "service", Map.of("type", "tcp", "scheduler", "wlc")),
  ROUTES("routes", "route", Map.of());

  private static final Map<String, String> SERVER_DEFAULTS =
      Map.of("forwarder", "g", "weight", "1");

  private final String plural;
  private final String singular;
  private final Map<String, String> defaults;

  Section(String plural, String singular, Map<String, String> defaults) {
    this.plural = plural;
    this.singular = singular;
    this.defaults = defaults;
  }

  /** The field of a document, and the path of the API behind its slash. */
  String plural() {
    return plural;
  }

  String singular() {
    return singular;
  }

  /** What an element is known by. */
  String key(Map<String, @Nullable Object> element) {
    Map<String, @Nullable Object> fields = lowerCase(element, defaults);
    return switch (this) {
      case SERVICES -> {
        String host = Json.text(fields, "host");
        String type = Json.text(fields, "type");
        boolean named = host.isEmpty() && !type.equals("fwmark"); // a mark is on no interface
        String place = named ? Json.text(fields, "interface") : host;
        yield Ids.service(type, place, Json.text(fields, "port"));
      }
      case ROUTES -> {
        String subdomain = Json.text(fields, "subdomain");
        String host = (subdomain.isEmpty() ? "" : subdomain + ".") + Json.text(fields, "domain");
        yield host
            + (host.isEmpty() || Json.text(fields, "path").startsWith("/") ? "" : "/")
            + Json.text(fields, "path");
      }
      case CERTS -> "of " + Integer.toHexString(Json.text(fields, "cert").strip().hashCode());
      case VIPS -> Json.text(fields, "ip") + " on " + Json.text(fields, "interface");
    };
  }

  /**
   * Those elements with the host that the API will give them: a service on an interface has the
   * interface's address, which is known where such a service is stored.
   */
  List<Map<String, @Nullable Object>> placed(
      List<Map<String, @Nullable Object>> wanted, List<Map<String, @Nullable Object>> stored) {
    if (this != SERVICES) {
      return wanted;
    }
    Map<String, @Nullable Object> hosts = new LinkedHashMap<>();
    for (Map<String, @Nullable Object> service : stored) {
      hosts.put(onInterface(service), service.get("host"));
    }
    List<Map<String, @Nullable Object>> placed = new ArrayList<>();
    for (Map<String, @Nullable Object> service : wanted) {
      Map<String, @Nullable Object> copy = lowerCase(service, Map.of());
      if (!Json.text(copy, "interface").isEmpty() && hosts.containsKey(onInterface(service))) {
        copy.put("host", hosts.get(onInterface(service)));
      }
      placed.add(copy);
    }
    return placed;
  }

  private String onInterface(Map<String, @Nullable Object> service) {
    Map<String, @Nullable Object> fields = lowerCase(service, defaults);
    return String.join(
        " ", Json.text(fields, "type"), Json.text(fields, "interface"), Json.text(fields, "port"));
  }

  /**
   * The fields that matter, in any spelling, with defaults filled in and empty ones left out, so
   * that a document written by hand equals what portal makes of it.
   */
  Map<String, Object> normal(Map<String, @Nullable Object> element) {
    Map<String, Object> normal = new LinkedHashMap<>();
    Map<String, @Nullable Object> fields = lowerCase(element, defaults);
    for (Map.Entry<String, @Nullable Object> field : fields.entrySet()) {
      String name = field.getKey();
      if (name.equals("servers")) {
        servers(Json.array(field.getValue(), "servers"), Json.text(fields, "host"))
            .forEach((key, server) -> normal.put("server " + key, server));
      } else {
        put(normal, name, field.getValue());
      }
    }
    return normal;
  }

  private static Map<String, Object> servers(List<@Nullable Object> servers, String serviceHost) {
    Map<String, Object> normal = new LinkedHashMap<>();
    for (Object element : servers) {
      Map<String, @Nullable Object> fields =
          lowerCase(Json.object(element, "servers"), SERVER_DEFAULTS);
      String host = Json.text(fields, "host");
      if (host.isEmpty() || host.equals("127.0.0.1")) {
        host = serviceHost;
      }
      Map<String, Object> server = new TreeMap<>();
      fields.forEach(
          (name, value) ->
              put(server, name.replace("threshold", "_threshold").replace("__", "_"), value));
      server.remove("host");
      server.remove("port");
      normal.put(Ids.server(host, Json.text(fields, "port")), server);
    }
    return normal;
  }

  private static void put(Map<String, Object> fields, String name, @Nullable Object value) {
    String text = value == null ? "" : value instanceof List ? Json.write(value) : value.toString();
    boolean unset = text.isEmpty() || text.equals("0") || text.equals("[]");
    // The id follows from the rest; a drain is a state, not a wish.
    if (name.equals("weight") || !(unset || name.equals("id") || name.startsWith("drain"))) {
      fields.put(name, text);
    }
  }

  private static Map<String, @Nullable Object> lowerCase(
      Map<String, @Nullable Object> element, Map<String, String> defaults) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    element.forEach((name, value) -> fields.put(name.toLowerCase(Locale.ROOT), value));
    defaults.forEach(
        (name, value) -> {
          if (Json.text(fields, name).isEmpty()) {
            fields.put(name, value);
          }
        });
    return fields;
  }

  /** The elements of a JSON array, each an object. */
  List<Map<String, @Nullable Object>> elements(@Nullable Object array) {
    List<Map<String, @Nullable Object>> elements = new ArrayList<>();
    Json.array(array, plural)
        .forEach(element -> elements.add(Json.object(element, "an element of " + plural)));
    return elements;
  }
}
