package io.portal.cli;

import io.portal.api.ConfigCheck;
import io.portal.api.config.Config;
import io.portal.api.config.ConfigException;
import io.portal.api.config.Setting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The configuration as the daemon reads it, files included. Clients come here only for a file:
 * their class path does not even have what it takes to read one, for that is slow to load.
 */
final class Configuration {

  private Configuration() {}

  /** {@code portal config check}. */
  static Exit check(Invocation in) {
    if (!in.arguments().equals(List.of("check"))) {
      throw CliException.usage("config: the only thing to do with it is 'config check'");
    }
    ConfigCheck.Findings findings;
    try {
      findings = ConfigCheck.run(load(in.flags(), in.terminal().environment()));
    } catch (ConfigException e) {
      throw new CliException(Exit.REFUSED, lines(String.valueOf(e.getMessage())), e);
    }
    if (!findings.faults().isEmpty()) {
      throw new CliException(Exit.REFUSED, lines(String.join("\n", findings.faults())));
    }
    findings.notes().forEach(in.terminal().out()::println);
    in.terminal().out().println("The configuration is in order.");
    return Exit.OK;
  }

  /** Several faults as several messages. */
  static String lines(String faults) {
    return faults.replace("\n", "\nportal: ");
  }

  /**
   * All settings from flags, environment and file.
   *
   * @throws ConfigException if one is wrong
   */
  static Config load(Flags flags, Map<String, String> environment) {
    Map<String, String> typed = flags.pick(Globals.KEYS);
    String conf = flags.get(Globals.CONF.name());
    if (conf != null) {
      typed.put(Globals.CONF.name(), conf);
    }
    return Config.load(typed, environment);
  }

  /**
   * All settings by their key, for a client.
   *
   * @throws CliException if one is wrong
   */
  static Map<String, String> values(Flags flags, Map<String, String> environment) {
    try {
      Config config = load(flags, environment);
      Map<String, String> values = new LinkedHashMap<>();
      for (Setting setting : Setting.values()) {
        values.put(setting.key(), config.get(setting));
      }
      return values;
    } catch (ConfigException e) {
      throw new CliException(Exit.USAGE, lines(String.valueOf(e.getMessage())), e);
    }
  }
}
