package io.portal.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The commands for the servers of a service. */
final class ServerCommands {

  private static final String GROUP = "Servers";
  private static final String LOOPBACK = "127.0.0.1";
  private static final Flag ID = Flag.value("server-id", 'S', "ID", "", "id of the server");
  private static final Flag HOST =
      Flag.value("server-host", 'o', "ADDRESS", "", "the server's address");
  private static final Flag PORT = Flag.value("server-port", 'p', "PORT", "", "the server's port");
  private static final Flag FORWARDER =
      Flag.value("server-forwarder", 'f', "LETTER", "g", "g gatewaying, i tunnel, m masquerading");
  private static final Flag WEIGHT =
      Flag.value("server-weight", 'w', "NUMBER", "1", "share of connections; 0: no new ones");
  private static final Flag UPPER =
      Flag.value("server-upper-threshold", 'u', "NUMBER", "0", "stop at so many connections");
  private static final Flag LOWER =
      Flag.value("server-lower-threshold", 'l', "NUMBER", "0", "start again at so many");
  private static final Flag TUNNEL =
      Flag.value(
          "server-tunnel",
          Flag.NONE,
          "TUNNEL",
          "ipip",
          "with -f i: ipip, gre, gre,csum, gue:PORT, gue:PORT,csum or gue:PORT,remcsum");
  private static final Flag JSON =
      Flag.value("json", 'j', "JSON", "", "the server as JSON, @FILE or - (standard input)");
  private static final Flag JSON_LIST =
      Flag.value("json", 'j', "JSON", "", "the whole list as JSON, @FILE or - (standard input)");

  private ServerCommands() {}

  static List<Command> all() {
    List<Flag> naming = ofService(ID, HOST, PORT);
    List<Flag> describing =
        ofService(ID, HOST, PORT, FORWARDER, WEIGHT, UPPER, LOWER, TUNNEL, JSON);
    return List.of(
        Command.of(
            GROUP,
            "add-server",
            "Add a server to a service; one that is there stays as it is",
            describing,
            ServerCommands::add,
            "portal add-server -I tcp-10_0_0_1-80 -o 192.168.0.3 -p 8080 -f m"),
        Command.of(
            GROUP,
            "set-server",
            "Change the named fields of a server, or all of it with --json",
            describing,
            ServerCommands::set,
            "portal set-server -I tcp-10_0_0_1-80 -o 192.168.0.3 -p 8080 -w 9"),
        Command.of(
            GROUP,
            "remove-server",
            "Remove a server from a service",
            ofService(ID, HOST, PORT, Drain.FLAG),
            in -> in.print("DELETE", path(in) + Drain.query(in), null),
            "portal remove-server -I tcp-10_0_0_1-80 -S 192_168_0_3-8080",
            "portal remove-server -I tcp-10_0_0_1-80 -o 192.168.0.3 -p 8080 --drain 30s"),
        Command.of(
            GROUP,
            "show-server",
            "Show a server of a service",
            naming,
            in -> in.print("GET", path(in), null),
            "portal show-server -I tcp-10_0_0_1-80 -o 192.168.0.3 -p 8080"),
        Command.of(
            GROUP,
            "show-servers",
            "Show all servers of a service",
            ServiceFlags.NAMING,
            in -> in.print("GET", list(in), null),
            "portal show-servers -I tcp-10_0_0_1-80 --output table"),
        Command.of(
            GROUP,
            "set-servers",
            "Replace the servers of a service; what stays the same is not touched",
            ofService(JSON_LIST),
            in -> Bulk.put(in, list(in), "servers"),
            "portal set-servers -I tcp-10_0_0_1-80 -j @servers.json"));
  }

  private static List<Flag> ofService(Flag... own) {
    List<Flag> flags = new ArrayList<>(ServiceFlags.NAMING);
    flags.addAll(List.of(own));
    return flags;
  }

  private static Exit add(Invocation in) {
    Flags flags = in.flags();
    if (!flags.given("json") && !flags.given(PORT.name())) {
      throw CliException.usage("add-server needs --server-host and --server-port, or --json");
    }
    Map<String, @Nullable Object> body = whole(in);
    Answer answer =
        in.askWith(JsonSource.of(flags.get("json")), "POST", list(in), Json.write(body));
    Map<String, @Nullable Object> asked = in.withJson(typed(flags));
    asked.keySet().removeAll(List.of("host", "port"));
    in.warnOfOther(asked, answer, "set-server");
    return in.show(answer);
  }

  /** With flags: those fields of the stored server. With JSON: the server as the JSON says. */
  private static Exit set(Invocation in) {
    Flags flags = in.flags();
    if (flags.given("json")) {
      Map<String, @Nullable Object> body = whole(in);
      String id = flags.get(ID.name());
      if (id == null) {
        id = Ids.server(host(in, text(body, "host")), text(body, "port"));
      }
      return in.printWithJson("PUT", list(in) + "/" + Ids.encoded(id), body);
    }
    Map<String, @Nullable Object> typed = typed(flags);
    if (!flags.given(ID.name())) {
      typed.keySet().removeAll(List.of("host", "port")); // they say which server
    }
    String path = path(in);
    if (typed.isEmpty()) {
      throw CliException.usage("set-server: say what to change, such as --server-weight 0");
    }
    if (typed.containsKey("tunnel")) {
      // A merge patch (RFC 7396) keeps the fields of an object that it does not name.
      Map<String, @Nullable Object> whole = new LinkedHashMap<>();
      whole.put("port", null);
      whole.put("checksum", null);
      whole.putAll(Json.object(typed.get("tunnel"), "tunnel"));
      typed.put("tunnel", whole);
    }
    return in.print("PATCH", path, Json.write(typed));
  }

  /** The fields of the flags that were typed. */
  private static Map<String, @Nullable Object> typed(Flags flags) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    ServiceFlags.text(fields, "host", flags, HOST);
    ServiceFlags.number(fields, "port", flags, PORT);
    ServiceFlags.text(fields, "forwarder", flags, FORWARDER);
    ServiceFlags.number(fields, "weight", flags, WEIGHT);
    ServiceFlags.number(fields, "upper_threshold", flags, UPPER);
    ServiceFlags.number(fields, "lower_threshold", flags, LOWER);
    String tunnel = flags.get(TUNNEL.name());
    if (tunnel != null) {
      fields.put("tunnel", tunnel(tunnel));
    }
    return fields;
  }

  /** A server as flags, {@code --json} and defaults say; the port has no default. */
  private static Map<String, @Nullable Object> whole(Invocation in) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("host", "");
    ServiceFlags.number(fields, "port", in.flags(), PORT);
    fields.put("forwarder", FORWARDER.fallback());
    fields.put("weight", Long.valueOf(WEIGHT.fallback()));
    fields.putAll(typed(in.flags()));
    Map<String, @Nullable Object> body = in.withJson(fields);
    in.require(body, "port", PORT);
    return body;
  }

  private static String text(Map<String, @Nullable Object> body, String name) {
    Object value = Invocation.field(body, name);
    return value == null ? "" : value.toString();
  }

  /** {@code type[:port][,checksum]}, as the API takes it; whether it fits the API says. */
  private static Map<String, @Nullable Object> tunnel(String text) {
    List<String> parts = ServiceFlags.words(text);
    String kind = parts.isEmpty() ? "" : parts.get(0);
    int colon = kind.indexOf(':');
    Map<String, @Nullable Object> tunnel = new LinkedHashMap<>();
    tunnel.put("type", colon < 0 ? kind : kind.substring(0, colon));
    if (colon >= 0) {
      try {
        tunnel.put("port", Long.parseLong(kind.substring(colon + 1)));
      } catch (NumberFormatException e) {
        throw CliException.usage("--server-tunnel: '" + text + "' has no port as in gue:6080");
      }
    }
    if (parts.size() > 1) {
      tunnel.put("checksum", parts.get(1));
    }
    return tunnel;
  }

  private static String list(Invocation in) {
    return ServiceFlags.path(ServiceFlags.id(in)) + "/servers";
  }

  private static String path(Invocation in) {
    Flags flags = in.flags();
    String list = list(in);
    String id = flags.get(ID.name());
    if (id == null) {
      String typed = flags.get(HOST.name(), "");
      if (typed.isEmpty() && !flags.given(ServiceFlags.HOST.name())) {
        throw CliException.usage(
            "say which server: --server-id, or --server-host and --server-port");
      }
      String port = in.required(PORT.name());
      id = Ids.server(host(in, typed), port);
    }
    return list + "/" + Ids.encoded(id);
  }

  /** As the API does: loopback and nothing become the service's host. */
  private static String host(Invocation in, String host) {
    if (!host.isEmpty() && !host.equals(LOOPBACK)) {
      return host;
    }
    String service = in.flags().get(ServiceFlags.HOST.name(), Ids.hostOf(ServiceFlags.id(in)));
    return service.isEmpty() ? LOOPBACK : service;
  }
}
