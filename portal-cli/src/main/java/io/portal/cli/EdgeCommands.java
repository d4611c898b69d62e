package io.portal.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The commands for routes, error pages, certs and vips. */
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
      Flag.value("page", Flag.NONE, "TEXT", "", "page to serve instead of a target's, or @FILE");

  private static final Flag ENDPOINT =
      Flag.value("endpoint", Flag.NONE, "PATH", "", "check targets by asking for this path");
  private static final Flag EXPECTED_CODE =
      Flag.value("expected-code", Flag.NONE, "STATUS", "200", "status of a healthy target");
  private static final Flag EXPECTED_BODY =
      Flag.value("expected-body", Flag.NONE, "TEXT", "", "body of a healthy target, or @FILE");
  private static final Flag EXPECTED_HEADER =
      Flag.value("expected-header", Flag.NONE, "NAME:VALUE", "", "header of a healthy target");
  private static final Flag HOST =
      Flag.value("host", Flag.NONE, "NAME", "", "host that the check asks for");
  private static final Flag TIMEOUT =
      Flag.value("timeout", Flag.NONE, "TIME", "3s", "how long a check may take");
  private static final Flag ATTEMPTS =
      Flag.value("attempts", Flag.NONE, "NUMBER", "3", "failed checks until a target is out");

  private static final Flag NO_ROUTES =
      Flag.value("no-routes", Flag.NONE, "TEXT", "", "where no route matches, or @FILE");
  private static final Flag NO_HEALTHY =
      Flag.value("no-healthy", Flag.NONE, "TEXT", "", "where no target is healthy, or @FILE");

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
            List.of(
                SUBDOMAIN,
                DOMAIN,
                PATH,
                TARGET,
                FWDPATH,
                PAGE,
                ENDPOINT,
                EXPECTED_CODE,
                EXPECTED_BODY,
                EXPECTED_HEADER,
                HOST,
                TIMEOUT,
                ATTEMPTS,
                JSON),
            EdgeCommands::addRoute,
            "portal add-route -d example.com -p '/api*' --target http://10.0.0.7:8080",
            "portal add-route -d example.com --target http://10.0.0.7 --endpoint /alive"),
        list("Routes", "set-routes", "Replace the list of routes", "routes"),
        show("Routes", "show-routes", "Show all routes", "routes"),
        Command.of(
            "Routes",
            "remove-route",
            "Remove a route",
            List.of(SUBDOMAIN, DOMAIN, PATH, JSON),
            EdgeCommands::removeRoute,
            "portal remove-route -d example.com -p '/api*'"));
  }

  static List<Command> pages() {
    return List.of(
        Command.of(
            "Error pages",
            "show-errors",
            "Show the proxy's pages for requests that it cannot forward",
            List.of(),
            in -> in.print("GET", "/errors", null),
            "portal show-errors --output table"),
        Command.of(
            "Error pages",
            "set-errors",
            "Replace error pages; the other one stays",
            List.of(NO_ROUTES, NO_HEALTHY, JSON),
            EdgeCommands::setPages,
            "portal set-errors --no-routes @404.html --no-healthy 'Back in a minute.'"),
        Command.of(
            "Error pages",
            "remove-errors",
            "Bring back the error pages that portal came with",
            List.of(),
            in -> in.print("POST", "/errors", "{\"no-routes\":\"\",\"no-healthy\":\"\"}"),
            "portal remove-errors"));
  }

  private static Exit setPages(Invocation in) {
    requireOne(in, "--no-routes or --no-healthy", NO_ROUTES, NO_HEALTHY, JSON);
    Map<String, @Nullable Object> pages = new LinkedHashMap<>();
    for (Flag flag : List.of(NO_ROUTES, NO_HEALTHY)) {
      String page = in.flags().get(flag.name());
      if (page != null) {
        pages.put(flag.name(), in.terminal().textOf(page, flag.typed()));
      }
    }
    return in.printWithJson("PUT", "/errors", in.withJson(pages));
  }

  static List<Command> certs() {
    return List.of(
        Command.of(
            "Certs",
            "add-cert",
            "Add a certificate of the HTTP proxy",
            List.of(KEY, CERT, JSON),
            in -> in.printWithJson("POST", "/certs", cert(in, KEY)),
            "portal add-cert -C @chain.pem -k @key.pem"),
        list("Certs", "set-certs", "Replace the list of certificates", "certs"),
        show("Certs", "show-certs", "Show all certificates", "certs"),
        Command.of(
            "Certs",
            "remove-cert",
            "Remove a certificate",
            List.of(KEY, CERT, JSON),
            in -> in.printWithJson("DELETE", "/certs", cert(in)),
            "portal remove-cert -C @chain.pem"));
  }

  static List<Command> vips() {
    return List.of(
        Command.of(
            "Vips",
            "add-vip",
            "Put an address on an interface",
            List.of(IP, INTERFACE, ALIAS, JSON),
            in -> in.printWithJson("POST", "/vips", vip(in)),
            "portal add-vip -I 10.0.0.5/24 -F eth0 -A eth0:1"),
        list("Vips", "set-vips", "Replace the list of addresses", "vips"),
        show("Vips", "show-vips", "Show all addresses", "vips"),
        Command.of(
            "Vips",
            "remove-vip",
            "Take an address from its interface",
            List.of(IP, INTERFACE, ALIAS, JSON),
            in -> in.printWithJson("DELETE", "/vips", vip(in)),
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

  private static Exit addRoute(Invocation in) {
    Flags flags = in.flags();
    Terminal terminal = in.terminal();
    requireOne(in, "--target or --page", TARGET, PAGE, JSON);
    Map<String, @Nullable Object> fields = matching(flags);
    fields.put("targets", flags.all(TARGET.name()));
    fields.put("fwdpath", flags.get(FWDPATH.name(), ""));
    fields.put("page", terminal.textOf(flags.get(PAGE.name(), ""), PAGE.typed()));
    ServiceFlags.text(fields, "endpoint", flags, ENDPOINT);
    ServiceFlags.number(fields, "expected_code", flags, EXPECTED_CODE);
    String body = flags.get(EXPECTED_BODY.name());
    if (body != null) {
      fields.put("expected_body", terminal.textOf(body, EXPECTED_BODY.typed()));
    }
    ServiceFlags.text(fields, "expected_header", flags, EXPECTED_HEADER);
    ServiceFlags.text(fields, "host", flags, HOST);
    String timeout = flags.get(TIMEOUT.name());
    if (timeout != null) {
      fields.put("timeout", Durations.parse(TIMEOUT.typed(), timeout).toMillis());
    }
    ServiceFlags.number(fields, "attempts", flags, ATTEMPTS);
    return in.printWithJson("POST", "/routes", in.withJson(fields));
  }

  private static Exit removeRoute(Invocation in) {
    requireOne(in, "--subdomain, --domain or --path", SUBDOMAIN, DOMAIN, PATH, JSON);
    return in.printWithJson("DELETE", "/routes", in.withJson(matching(in.flags())));
  }

  /** Without any, a command would mean the route that takes everything. */
  private static void requireOne(Invocation in, String what, Flag... flags) {
    for (Flag flag : flags) {
      if (in.flags().given(flag.name())) {
        return;
      }
    }
    throw CliException.usage(in.command().name() + " needs " + what + ", or --json");
  }

  private static Map<String, @Nullable Object> matching(Flags flags) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("subdomain", flags.get(SUBDOMAIN.name(), ""));
    fields.put("domain", flags.get(DOMAIN.name(), ""));
    fields.put("path", flags.get(PATH.name(), ""));
    return fields;
  }

  /** A certificate, and what else there must be of it. */
  private static Map<String, @Nullable Object> cert(Invocation in, Flag... needed) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("cert", pem(in, CERT));
    fields.put("key", pem(in, KEY));
    Map<String, @Nullable Object> body = in.withJson(fields);
    in.require(body, "cert", CERT);
    for (Flag flag : needed) {
      in.require(body, flag.name(), flag);
    }
    return body;
  }

  private static String pem(Invocation in, Flag flag) {
    String word = in.flags().get(flag.name(), "");
    return word.isEmpty() ? "" : in.terminal().documentOf(word, flag.typed(), "-----BEGIN");
  }

  private static Map<String, @Nullable Object> vip(Invocation in) {
    Flags flags = in.flags();
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("ip", flags.get(IP.name(), ""));
    fields.put("interface", flags.get(INTERFACE.name(), ""));
    fields.put("alias", flags.get(ALIAS.name(), ""));
    Map<String, @Nullable Object> body = in.withJson(fields);
    in.require(body, "ip", IP);
    in.require(body, "interface", INTERFACE);
    return body;
  }
}
