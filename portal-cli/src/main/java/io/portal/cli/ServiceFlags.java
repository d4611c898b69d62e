package io.portal.cli;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The flags that name or describe a service. */
final class ServiceFlags {

  static final Flag ID = Flag.value("service-id", 'I', "ID", "", "id of the service");
  static final Flag HOST =
      Flag.value("service-host", 'O', "ADDRESS", "", "address the service is bound to");
  static final Flag INTERFACE =
      Flag.value("service-interface", 'F', "NAME", "", "interface whose address it is bound to");
  static final Flag PORT =
      Flag.value("service-port", 'R', "PORT", "", "port the service listens on");
  static final Flag TYPE =
      Flag.value("service-type", 'T', "TYPE", "tcp", "tcp, udp, sctp or fwmark");
  static final Flag SCHEDULER =
      Flag.value(
          "service-scheduler", 's', "NAME", "wlc", "rr wrr lc wlc lblc lblcr dh sh sed nq ...");
  static final Flag PERSISTENCE =
      Flag.value("service-persistence", 'e', "SECONDS", "0", "how long a client keeps its server");
  static final Flag NETMASK =
      Flag.value("service-netmask", 'n', "MASK", "", "which clients persist together")
          .orEmpty(); // set-service takes it away so

  static final Flag FLAGS =
      Flag.value(
              "service-flags",
              Flag.NONE,
              "LIST",
              "",
              "of ops, sh-port, sh-fallback, mh-port, mh-fallback; '' for none")
          .orEmpty();
  static final Flag ENGINE =
      Flag.value(
              "service-pe", Flag.NONE, "NAME", "", "persistence engine: sip, or '' for the address")
          .orEmpty();

  /** What describes a service. */
  static final List<Flag> SETTINGS = List.of(SCHEDULER, PERSISTENCE, NETMASK, FLAGS, ENGINE);

  /** What names a service. */
  static final List<Flag> NAMING = List.of(ID, HOST, INTERFACE, PORT, TYPE);

  private ServiceFlags() {}

  /**
   * The fields of the flags that were typed.
   *
   * @throws CliException if a number is none
   */
  static Map<String, @Nullable Object> typed(Flags flags) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    text(fields, "host", flags, HOST);
    text(fields, "interface", flags, INTERFACE);
    number(fields, "port", flags, PORT);
    text(fields, "type", flags, TYPE);
    text(fields, "scheduler", flags, SCHEDULER);
    number(fields, "persistence", flags, PERSISTENCE);
    text(fields, "netmask", flags, NETMASK);
    String traits = flags.get(FLAGS.name());
    if (traits != null) {
      fields.put("flags", words(traits));
    }
    text(fields, "pe", flags, ENGINE);
    return fields;
  }

  /** The words of a list, separated by commas. */
  static List<String> words(String list) {
    return Arrays.stream(list.split(",")).map(String::strip).filter(w -> !w.isEmpty()).toList();
  }

  /** The fields of a whole service: defaults, and over them what was typed. */
  static Map<String, @Nullable Object> withDefaults(Flags flags) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("host", "");
    number(fields, "port", flags, PORT);
    fields.put("type", TYPE.fallback());
    fields.put("scheduler", SCHEDULER.fallback());
    fields.put("persistence", 0L);
    fields.put("netmask", "");
    fields.putAll(typed(flags));
    return fields;
  }

  /**
   * The id of the service that the flags name: {@code -I}, else host, port and type, else the one
   * stored with that interface, port and type.
   */
  static String id(Invocation invocation) {
    Flags flags = invocation.flags();
    String id = flags.get(ID.name());
    if (id != null) {
      return id;
    }
    String port = flags.get(PORT.name());
    String host = flags.get(HOST.name());
    String type = flags.get(TYPE.name(), TYPE.fallback());
    if (flags.given(INTERFACE.name()) && port != null) {
      return ofInterface(invocation, invocation.required(INTERFACE.name()), port, type);
    }
    if (port == null || (host == null && !type.equals("fwmark"))) {
      throw CliException.usage(
          invocation.command().name()
              + " needs the service: --service-id, or --service-host and --service-port");
    }
    return Ids.service(type, host == null ? "" : host, port);
  }

  private static String ofInterface(Invocation invocation, String name, String port, String type) {
    Answer answer = invocation.ask("GET", "/services", null);
    for (Object element : Json.array(Json.parse(answer.body(), "answer"), "answer")) {
      Map<String, @Nullable Object> service = Json.object(element, "answer");
      if (Json.text(service, "interface").equals(name)
          && Json.text(service, "port").equals(port)
          && Json.text(service, "type").equals(type)) {
        return Json.text(service, "id");
      }
    }
    // An id that no service has: what that means to the request, the API knows best.
    return Ids.service(type, "", port);
  }

  /** {@code /services/ID}. */
  static String path(String id) {
    return "/services/" + Ids.encoded(id);
  }

  static void text(Map<String, @Nullable Object> fields, String field, Flags flags, Flag flag) {
    String value = flags.get(flag.name());
    if (value != null) {
      fields.put(field, value);
    }
  }

  static void number(Map<String, @Nullable Object> fields, String field, Flags flags, Flag flag) {
    if (flags.given(flag.name())) {
      fields.put(field, flags.number(flag.name(), 0));
    }
  }
}
