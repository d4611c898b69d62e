package io.portal.cli;

import java.util.Map;

/** The daemon's side of the command line; only a daemon or {@code --conf} loads what it needs. */
final class Configuration {

  private Configuration() {}

  static Map<String, String> read(String file) {
    throw CliException.usage("--conf is not supported yet: " + file);
  }

  static boolean server(Flags flags, Map<String, String> environment) {
    return flags.on("server");
  }

  static Exit runDaemon(Flags flags, Terminal terminal) {
    throw CliException.usage("no daemon yet");
  }
}
