package io.portal.cli;

import java.util.Locale;
import java.util.Map;

/** What shells offer behind a flag or a command: words that are known, files, or stored ids. */
final class CompletionValues {

  private static final String LEVELS = "trace debug info warn error";

  /** By the flag's name; a flag of that name means the same on every command. */
  static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("output", "table json yaml"),
          Map.entry("balancer", "lvs nginx userspace"),
          Map.entry("firewall", "none nftables"),
          Map.entry("log-format", "text json"),
          Map.entry("log-level", LEVELS.toUpperCase(Locale.ROOT)),
          Map.entry("service-type", "tcp udp sctp fwmark"),
          Map.entry("service-scheduler", "rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh twos"),
          Map.entry("server-forwarder", "g i m"));

  private static final String SERVICE_IDS =
      "portal show-services 2>/dev/null | grep -oE '\"id\":\"(tcp|udp|sctp|fwmark)-[^\"]*'"
          + " | cut -d '\"' -f 4";

  private CompletionValues() {}

  /** The words that may follow a command, with a space behind; empty for none. */
  static String ofArguments(Command command) {
    return switch (command.name()) {
      case "config" -> "check ";
      case "completion" -> "bash zsh fish ";
      case "set-log-level" -> LEVELS + " ";
      default -> "";
    };
  }

  /** A command of bash that sets what is offered as the flag's value; empty where nothing is. */
  static String inBash(Flag flag) {
    String words = WORDS.get(flag.name());
    if (words != null) {
      return "words=\"" + words + "\"";
    }
    return switch (flag.name()) {
      case "service-id" ->
          "pattern='(tcp|udp|sctp|fwmark)-'; COMPREPLY=($(compgen -W \"$(_portal_ids"
              + " show-services)\" -- \"$word\")); return";
      case "server-id" ->
          "COMPREPLY=($(compgen -W \"$(_portal_ids show-servers -I \"$service\")\""
              + " -- \"$word\")); return";
      default ->
          isFile(flag)
              ? "COMPREPLY=($(compgen -f -- \"$word\")); return"
              : flag.takesValue() ? "return" : "";
    };
  }

  /** The same in fish: arguments of its {@code complete}. */
  static String inFish(Flag flag) {
    String words = WORDS.get(flag.name());
    if (words != null) {
      return " -xa '" + words + "'";
    }
    if (flag.name().equals("service-id")) {
      return " -xa \"(" + SERVICE_IDS.replace("\"", "\\\"") + ")\"";
    }
    return flag.takesValue() ? (isFile(flag) ? " -rF" : " -x") : "";
  }

  private static boolean isFile(Flag flag) {
    String label = String.valueOf(flag.label());
    return label.equals("FILE") || label.equals("DIRECTORY");
  }
}
