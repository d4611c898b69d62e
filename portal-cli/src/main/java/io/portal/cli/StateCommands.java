package io.portal.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The commands for the whole state at once. */
final class StateCommands {

  private static final String GROUP = "State";
  private static final String PAGES = "errors";
  private static final Flag SKIP =
      Flag.toggle("skip", Flag.NONE, "leave out the lines that cannot be taken, and name them");
  private static final Flag DRY_RUN =
      Flag.toggle("dry-run", Flag.NONE, "show what would change, change nothing");

  private StateCommands() {}

  static List<Command> all() {
    return List.of(
        Command.of(
            GROUP,
            "export",
            "Print the whole state as one JSON document, keys of certificates included",
            List.of(),
            StateCommands::export,
            "portal export > portal.json"),
        Command.of(
                GROUP,
                "import",
                "Replace the state by a document; what stays the same is not touched",
                List.of(DRY_RUN),
                StateCommands::importDocument,
                "portal import --dry-run portal.json",
                "portal import - < portal.json")
            .withArguments("FILE"),
        Command.of(
                GROUP,
                "import-ipvs",
                "Take over rules saved with ipvsadm -Sn; other services stay",
                List.of(DRY_RUN, SKIP),
                StateCommands::importIpvs,
                "ipvsadm -Sn | portal import-ipvs -",
                "portal import-ipvs --dry-run rules")
            .withArguments("FILE"),
        Command.of(
            GROUP,
            "show-cluster",
            "Show the members of the cluster",
            List.of(),
            in -> in.print("GET", "/cluster", null),
            "portal show-cluster --output table"));
  }

  private static Exit export(Invocation in) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    for (Section section : Section.values()) {
      document.put(section.plural(), stored(in, section.plural()));
    }
    document.put(PAGES, stored(in, PAGES));
    return in.show(new Answer(200, Json.write(document) + "\n"));
  }

  private static @Nullable Object stored(Invocation in, String section) {
    return Json.parse(in.ask("GET", "/" + section, null).body(), "answer");
  }

  private static Exit importDocument(Invocation in) {
    String file = file(in);
    String source = Terminal.nameOf(file);
    Map<String, @Nullable Object> document = Json.object(in.terminal().textOfFile(file), source);
    for (String name : document.keySet()) {
      boolean known = name.equals(PAGES);
      for (Section section : Section.values()) {
        known |= name.equals(section.plural());
      }
      if (!known) {
        throw CliException.usage(
            source + ": '" + name + "' is not vips, certs, services, routes or errors");
      }
    }
    Map<Section, List<Map<String, @Nullable Object>>> wanted = new LinkedHashMap<>();
    for (Section section : Section.values()) {
      if (document.containsKey(section.plural())) {
        wanted.put(section, section.elements(document.get(section.plural())));
      }
    }
    Map<String, @Nullable Object> pages = new LinkedHashMap<>();
    if (document.get(PAGES) != null) {
      pages.putAll(Json.object(document.get(PAGES), PAGES));
    }
    return apply(in, wanted, pages);
  }

  /** The rules are laid over the services that are there, and sent as one list. */
  private static Exit importIpvs(Invocation in) {
    IpvsadmRules rules = IpvsadmRules.parse(in.terminal().textOfFile(file(in)));
    List<String> refused = rules.refused();
    if (!refused.isEmpty()) {
      String list = String.join("\n", refused);
      if (!in.flags().on(SKIP.name())) {
        throw new CliException(
            Exit.REFUSED,
            list + "\nnothing was changed; --skip takes the rest and leaves these out");
      }
      in.terminal().err().println("left out:\n" + list);
    }
    Map<String, Map<String, @Nullable Object>> services = new LinkedHashMap<>();
    for (Map<String, @Nullable Object> service :
        Section.SERVICES.elements(stored(in, Section.SERVICES.plural()))) {
      services.put(Section.SERVICES.key(service), service);
    }
    for (Map<String, @Nullable Object> service : rules.services()) {
      services.put(Section.SERVICES.key(service), service);
    }
    return apply(in, Map.of(Section.SERVICES, new ArrayList<>(services.values())), Map.of());
  }

  /** Shows the plan; carries it out unless that is all that was asked for. */
  private static Exit apply(
      Invocation in,
      Map<Section, List<Map<String, @Nullable Object>>> wanted,
      Map<String, @Nullable Object> pages) {
    Plan plan = new Plan();
    for (Map.Entry<Section, List<Map<String, @Nullable Object>>> list : wanted.entrySet()) {
      Section section = list.getKey();
      plan.compare(section, section.elements(stored(in, section.plural())), list.getValue());
    }
    if (!pages.isEmpty()) {
      plan.compare(Json.object(stored(in, PAGES), PAGES), pages);
    }
    if (in.flags().on(DRY_RUN.name())) {
      in.terminal().out().print(plan);
      return Exit.OK;
    }
    wanted.forEach(
        (section, elements) ->
            Bulk.put(
                in,
                JsonSource.DOCUMENT,
                "/" + section.plural(),
                section.plural(),
                elements.size(),
                Json.write(elements)));
    if (!pages.isEmpty()) {
      in.askWith(JsonSource.DOCUMENT, "PUT", "/" + PAGES, Json.write(pages));
    }
    in.terminal().out().println(plan.done());
    return Exit.OK;
  }

  private static String file(Invocation in) {
    if (in.arguments().size() != 1) {
      throw CliException.usage(in.command().name() + ": say which file, or - for standard input");
    }
    return in.arguments().get(0);
  }
}
