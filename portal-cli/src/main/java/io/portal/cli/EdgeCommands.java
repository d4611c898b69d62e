package io.portal.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The commands for routes, certs and vips. */
final class EdgeCommands {

  private static final Flag JSON =
      Flag.value("json", 'j', "JSON", "", "all of it as JSON, @FILE or - (standard input)");
  private static final Flag JSON_LIST =
      Flag.value("json", 'j', "JSON", "", "the whole list as JSON, @FILE or - (standard input)");

  private static final Flag SUBDOMAIN =
      Flag.value("subdomain", 's', "NAME", "", "subdomain to match");
  private static final Flag DOMAIN = Flag.value("domain", 'd', "NAME", "", "domain to match");
  private static final Flag PATH = Flag.value("path", 'p', "PATH", "", "path to match, /admin*");
  private static final Flag TARGET =
      Flag.list("target", Flag.NONE, "URI", "where to forward to; may be repeated");
  private static final Flag FWDPATH =
      Flag.value("fwdpath", Flag.NONE, "PATH", "", "path to forward to");
  private static final Flag PAGE =
      Flag.value("page", Flag.NONE, "TEXT", "", "page to serve instead of a target's");

  private static final Flag KEY = Flag.value("key", 'k', "PEM", "", "private key, or @FILE");
  private static final Flag CERT =
      Flag.value("cert", 'C', "PEM", "", "certificate chain, leaf first, or @FILE");

  private static final Flag IP = Flag.value("ip", 'I', "CIDR", "", "address, 10.0.0.5/24");
  private static final Flag INTERFACE =
      Flag.value("interface", 'F', "NAME", "", "interface to put it on");
  private static final Flag ALIAS =
      Flag.value("alias", 'A', "NAME", "", "label of the address, eth0:1");

  private EdgeCommands() {}

  static List<Command> routes() {
    return List.of(
        Command.of(
            "Routes",
            "add-route",
            "Add a route of the HTTP proxy",
            List.of(SUBDOMAIN, DOMAIN, PATH, TARGET, FWDPATH, PAGE, JSON),
            in -> in.print("POST", "/routes", Json.write(in.withJson(route(in.flags(), true)))),
            "portal add-route -d example.com -p '/api*' --target http://10.0.0.7:8080"),
        list("Routes", "set-routes", "Replace the list of routes", "routes"),
        show("Routes", "show-routes", "Show all routes", "routes"),
        Command.of(
            "Routes",
            "remove-route",
            "Remove a route",
            List.of(SUBDOMAIN, DOMAIN, PATH, JSON),
            in -> in.print("DELETE", "/routes", Json.write(in.withJson(route(in.flags(), false)))),
            "portal remove-route -d example.com -p '/api*'"));
  }

  static List<Command> certs() {
    return List.of(
        Command.of(
            "Certs",
            "add-cert",
            "Add a certificate of the HTTP proxy",
            List.of(KEY, CERT, JSON),
            in -> in.print("POST", "/certs", Json.write(in.withJson(cert(in)))),
            "portal add-cert -C @chain.pem -k @key.pem"),
        list("Certs", "set-certs", "Replace the list of certificates", "certs"),
        show("Certs", "show-certs", "Show all certificates", "certs"),
        Command.of(
            "Certs",
            "remove-cert",
            "Remove a certificate",
            List.of(KEY, CERT, JSON),
            in -> in.print("DELETE", "/certs", Json.write(in.withJson(cert(in)))),
            "portal remove-cert -C @chain.pem"));
  }

  static List<Command> vips() {
    return List.of(
        Command.of(
            "Vips",
            "add-vip",
            "Put an address on an interface",
            List.of(IP, INTERFACE, ALIAS, JSON),
            in -> in.print("POST", "/vips", Json.write(in.withJson(vip(in.flags())))),
            "portal add-vip -I 10.0.0.5/24 -F eth0 -A eth0:1"),
        list("Vips", "set-vips", "Replace the list of addresses", "vips"),
        show("Vips", "show-vips", "Show all addresses", "vips"),
        Command.of(
            "Vips",
            "remove-vip",
            "Take an address from its interface",
            List.of(IP, INTERFACE, ALIAS, JSON),
            in -> in.print("DELETE", "/vips", Json.write(in.withJson(vip(in.flags())))),
            "portal remove-vip -I 10.0.0.5/24 -F eth0"));
  }

  private static Command list(String group, String name, String purpose, String things) {
    return Command.of(
        group,
        name,
        purpose + "; what stays the same is not touched",
        List.of(JSON_LIST),
        in -> Bulk.put(in, "/" + things, things),
        "portal " + name + " -j @" + things + ".json");
  }

  private static Command show(String group, String name, String purpose, String things) {
    return Command.of(
        group,
        name,
        purpose,
        List.of(),
        in -> in.print("GET", "/" + things, null),
        "portal " + name + " --output table");
  }

  private static Map<String, @Nullable Object> route(Flags flags, boolean whole) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("subdomain", flags.get(SUBDOMAIN.name(), ""));
    fields.put("domain", flags.get(DOMAIN.name(), ""));
    fields.put("path", flags.get(PATH.name(), ""));
    if (whole) {
      fields.put("targets", flags.all(TARGET.name()));
      fields.put("fwdpath", flags.get(FWDPATH.name(), ""));
      fields.put("page", flags.get(PAGE.name(), ""));
    }
    return fields;
  }

  private static Map<String, @Nullable Object> cert(Invocation in) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("cert", in.terminal().textOf(in.flags().get(CERT.name(), ""), "--cert"));
    fields.put("key", in.terminal().textOf(in.flags().get(KEY.name(), ""), "--key"));
    return fields;
  }

  private static Map<String, @Nullable Object> vip(Flags flags) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("ip", flags.get(IP.name(), ""));
    fields.put("interface", flags.get(INTERFACE.name(), ""));
    fields.put("alias", flags.get(ALIAS.name(), ""));
    return fields;
  }
}
