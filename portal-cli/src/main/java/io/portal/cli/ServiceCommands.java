package io.portal.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The commands for services. */
final class ServiceCommands {

  private static final String GROUP = "Services";
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final Flag JSON =
      Flag.value("json", 'j', "JSON", "", "the service as JSON, @FILE or - (standard input)");
  private static final Flag JSON_LIST =
      Flag.value("json", 'j', "JSON", "", "the whole list as JSON, @FILE or - (standard input)");

  private ServiceCommands() {}

  static List<Command> all() {
    List<Flag> describing = new ArrayList<>(ServiceFlags.NAMING);
    describing.addAll(ServiceFlags.SETTINGS);
    describing.add(JSON);
    List<Flag> removing = new ArrayList<>(ServiceFlags.NAMING);
    removing.add(Drain.FLAG);
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
            removing,
            in ->
                in.print("DELETE", ServiceFlags.path(ServiceFlags.id(in)) + Drain.query(in), null),
            "portal remove-service -I tcp-10_0_0_1-80",
            "portal remove-service -O 10.0.0.1 -R 53 -T udp --drain 30s"),
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
    Answer answer =
        in.askWith(
            JsonSource.of(in.flags().get("json")), "POST", "/services", Json.write(whole(in)));
    Map<String, @Nullable Object> asked = in.withJson(ServiceFlags.typed(in.flags()));
    asked.keySet().retainAll(List.of("scheduler", "persistence", "netmask"));
    in.warnOfOther(asked, answer, "set-service");
    return in.show(answer);
  }

  /** A service as flags, {@code --json} and defaults say; the port has no default. */
  private static Map<String, @Nullable Object> whole(Invocation in) {
    Map<String, @Nullable Object> body = in.withJson(ServiceFlags.withDefaults(in.flags()));
    in.require(body, "port", ServiceFlags.PORT);
    return body;
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

  /** With flags: those fields of the stored service. With JSON: the service as the JSON says. */
  private static Exit set(Invocation in) {
    Flags flags = in.flags();
    if (flags.given("json")) {
      Map<String, @Nullable Object> body = whole(in);
      String id =
          flags.get(
              "service-id",
              Ids.service(field(body, "type"), field(body, "host"), field(body, "port")));
      return in.printWithJson("PUT", ServiceFlags.path(id), body);
    }
    String path = ServiceFlags.path(ServiceFlags.id(in));
    Map<String, @Nullable Object> typed = ServiceFlags.typed(flags);
    if (typed.isEmpty()) {
      throw CliException.usage("set-service: say what to change, such as --service-scheduler rr");
    }
    if (typed.containsKey("host") && !typed.containsKey("interface")) {
      typed.put("interface", null); // it would override the host that was asked for
    }
    Answer answer = in.send("PATCH", path, Json.write(typed));
    return answer.status() == METHOD_NOT_ALLOWED
        ? setInTwoSteps(in, path, typed)
        : in.show(answer.orRefuse());
  }

  /** For a daemon that cannot change single fields: what somebody writes in between is lost. */
  private static Exit setInTwoSteps(
      Invocation in, String path, Map<String, @Nullable Object> typed) {
    Map<String, @Nullable Object> stored =
        new LinkedHashMap<>(Json.object(in.ask("GET", path, null).body(), "answer"));
    stored.putAll(typed);
    stored.values().removeIf(Objects::isNull);
    return in.print("PUT", path, Json.write(stored));
  }

  private static String field(Map<String, @Nullable Object> body, String name) {
    Object value = Invocation.field(body, name);
    return value == null ? "" : value.toString();
  }
}
