package io.portal.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The commands for services. */
final class ServiceCommands {

  private static final String GROUP = "Services";
  private static final Flag JSON =
      Flag.value("json", 'j', "JSON", "", "the service as JSON, @FILE or - (standard input)");
  private static final Flag JSON_LIST =
      Flag.value("json", 'j', "JSON", "", "the whole list as JSON, @FILE or - (standard input)");

  private ServiceCommands() {}

  static List<Command> all() {
    List<Flag> describing = new ArrayList<>(ServiceFlags.NAMING);
    describing.addAll(ServiceFlags.SETTINGS);
    describing.add(JSON);
    return List.of(
        Command.of(
            GROUP,
            "add-service",
            "Add a service; one that is there stays as it is",
            describing,
            ServiceCommands::add,
            "portal add-service -O 10.0.0.1 -R 80 -s rr",
            "portal add-service -j '{\"host\":\"10.0.0.1\",\"port\":53,\"type\":\"udp\"}'"),
        Command.of(
            GROUP,
            "remove-service",
            "Remove a service and its servers",
            ServiceFlags.NAMING,
            in -> in.print("DELETE", ServiceFlags.path(ServiceFlags.id(in)), null),
            "portal remove-service -I tcp-10_0_0_1-80",
            "portal remove-service -O 10.0.0.1 -R 53 -T udp"),
        Command.of(
            GROUP,
            "show-service",
            "Show a service and its servers",
            ServiceFlags.NAMING,
            in -> in.print("GET", ServiceFlags.path(ServiceFlags.id(in)), null),
            "portal show-service -O 10.0.0.1 -R 80 --output table"),
        Command.of(
            GROUP,
            "show-services",
            "Show all services and their servers",
            List.of(),
            in -> in.print("GET", "/services", null),
            "portal show-services --output table"),
        Command.of(
            GROUP,
            "set-services",
            "Replace the list of services; what stays the same is not touched",
            List.of(JSON_LIST),
            in -> Bulk.put(in, "/services", "services"),
            "portal set-services -j @services.json"),
        Command.of(
            GROUP,
            "set-service",
            "Change the named fields of a service, or all of it with --json",
            describing,
            ServiceCommands::set,
            "portal set-service -I tcp-10_0_0_1-80 -s sh"));
  }

  private static Exit add(Invocation in) {
    if (in.flags().get("json") == null) {
      requireAddress(in);
    }
    return in.print(
        "POST", "/services", Json.write(in.withJson(ServiceFlags.withDefaults(in.flags()))));
  }

  private static void requireAddress(Invocation in) {
    Flags flags = in.flags();
    boolean mark = flags.get("service-type", "").equals("fwmark");
    boolean address = flags.given("service-host") || flags.given("service-interface") || mark;
    if (!address || !flags.given("service-port")) {
      throw CliException.usage(
          in.command().name()
              + (mark
                  ? " needs --service-port, which is the mark, or --json"
                  : " needs --service-host and --service-port, or --json"));
    }
  }

  /** With flags: the stored service with those fields changed. With JSON: what the JSON says. */
  private static Exit set(Invocation in) {
    Flags flags = in.flags();
    if (flags.given("json")) {
      Map<String, @Nullable Object> body = in.withJson(ServiceFlags.withDefaults(flags));
      String id =
          flags.get(
              "service-id",
              Ids.service(field(body, "type"), field(body, "host"), field(body, "port")));
      return in.print("PUT", ServiceFlags.path(id), Json.write(body));
    }
    String path = ServiceFlags.path(ServiceFlags.id(in));
    Map<String, @Nullable Object> typed = ServiceFlags.typed(flags);
    if (typed.isEmpty()) {
      throw CliException.usage("set-service: say what to change, such as --service-scheduler rr");
    }
    Map<String, @Nullable Object> stored =
        new LinkedHashMap<>(Json.object(in.ask("GET", path, null).body(), "answer"));
    if (typed.containsKey("host") && !typed.containsKey("interface")) {
      stored.remove("interface"); // it would override the host that was asked for
    }
    stored.putAll(typed);
    return in.print("PUT", path, Json.write(stored));
  }

  private static String field(Map<String, @Nullable Object> body, String name) {
    for (Map.Entry<String, @Nullable Object> field : body.entrySet()) {
      if (field.getKey().equalsIgnoreCase(name)) {
        return String.valueOf(field.getValue());
      }
    }
    return "";
  }
}
