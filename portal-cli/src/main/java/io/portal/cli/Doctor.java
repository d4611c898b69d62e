package io.portal.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code portal doctor}: what this host offers and lacks for the daemon that the flags, the
 * environment and the file describe. Looks only, changes nothing.
 */
final class Doctor {

  private Doctor() {}

  static Command command() {
    return Command.of(
        "Tools",
        "doctor",
        "Check what this host offers and lacks, with the command that mends it",
        List.of(),
        Doctor::run,
        "portal doctor",
        "portal doctor --balancer userspace --work-dir ~/portal");
  }

  private static Exit run(Invocation in) {
    Settings.Lookup keys = in.lookup();
    Host host = Host.local(in.terminal().environment());
    List<Check> checks = checks(in, host, keys);
    boolean well = Alternative.well(checks);
    Optional<String> other =
        well
            ? Optional.empty()
            : new Alternative(keys).find(checks, others -> checks(in, host, others));
    print(in, checks, well, other);
    return well ? Exit.OK : Exit.REFUSED;
  }

  private static List<Check> checks(Invocation in, Host host, Settings.Lookup keys) {
    List<Check> checks = new ArrayList<>(new KernelChecks(host, keys).all());
    checks.addAll(new ServiceChecks(host, keys, in.settings()).all());
    return checks;
  }

  private static void print(
      Invocation in, List<Check> checks, boolean well, Optional<String> other) {
    Output output = Output.of(in.flags().get(Globals.OUTPUT.name(), ""));
    if (output == Output.JSON || output == Output.YAML) {
      in.terminal().out().print(output.render(json(checks)));
      return;
    }
    Table table = new Table("", "CHECK", "FOUND");
    for (Check check : checks) {
      table.row(check.verdict().text(), check.name(), check.finding());
      if (!check.remedy().isEmpty()) {
        table.row("", "", "  " + check.remedy());
      }
    }
    in.terminal().out().print(table);
    in.terminal()
        .out()
        .println(
            well
                ? "\nPortal can run here as it is configured."
                : "\nPortal cannot run here as it is configured: see 'missing' above.");
    other.ifPresent(command -> in.terminal().out().println("It can run here with: " + command));
  }

  private static String json(List<Check> checks) {
    List<Map<String, @Nullable Object>> list = new ArrayList<>();
    for (Check check : checks) {
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      fields.put("check", check.name());
      fields.put("verdict", check.verdict().text());
      fields.put("found", check.finding());
      fields.put("remedy", check.remedy());
      list.add(fields);
    }
    return Json.write(list);
  }
}
