package io.portal.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Another configuration, as near as can be to one with which the daemon cannot run on this host. It
 * is only proposed when all that it needs was found to be there.
 */
final class Alternative {

  private static final String HTTP = "8080";
  private static final String HTTPS = "8444";
  private static final String API = "9443";

  private final Settings.Lookup keys;

  Alternative(Settings.Lookup keys) {
    this.keys = keys;
  }

  /**
   * The command line that runs here.
   *
   * @param checks what was found with the configuration as it is
   * @param again the checks of another configuration
   * @return empty if none was found: what is missing is no matter of configuration
   */
  Optional<String> find(List<Check> checks, Function<Settings.Lookup, List<Check>> again) {
    Map<String, String> changes = new LinkedHashMap<>();
    for (Check check : checks) {
      if (check.verdict() == Check.Verdict.MISSING) {
        change(changes, check.name());
      }
    }
    if (changes.isEmpty() || !well(again.apply(with(changes)))) {
      return Optional.empty();
    }
    StringBuilder command = new StringBuilder("portal --server");
    changes.forEach((key, value) -> command.append(" --").append(key).append(' ').append(value));
    return Optional.of(command.toString());
  }

  static boolean well(List<Check> checks) {
    for (Check check : checks) {
      if (check.verdict() == Check.Verdict.MISSING) {
        return false;
      }
    }
    return true;
  }

  private Settings.Lookup with(Map<String, String> changes) {
    return new Settings.Lookup(keys.flags().with(changes), keys.environment(), keys.file());
  }

  /** What would do without the thing that is missing. */
  private void change(Map<String, String> changes, String missing) {
    switch (missing) {
      case "system", "IPVS", "CAP_NET_ADMIN", "loopback", "nginx" ->
          changes.put("balancer", "userspace");
      case "firewall" -> changes.put("firewall", "none");
      case "HTTP port" -> changes.put("proxy-http", otherPort(keys.get("proxy-http"), HTTP));
      case "HTTPS port" -> changes.put("proxy-tls", otherPort(keys.get("proxy-tls"), HTTPS));
      case "API port" -> changes.put("api-port", API);
      case "work directory" -> changes.put("work-dir", home());
      case "database" -> changes.put("db-connection", "scribble://" + home() + "/db");
      default -> {}
    }
  }

  private static String otherPort(String socket, String port) {
    return socket.substring(0, socket.lastIndexOf(':') + 1) + port;
  }

  private String home() {
    String home = keys.environment().getOrDefault("HOME", "");
    return (home.isEmpty() ? System.getProperty("java.io.tmpdir") : home) + "/.portal";
  }
}
