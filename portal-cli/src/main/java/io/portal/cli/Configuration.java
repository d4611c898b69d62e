package io.portal.cli;

import io.portal.api.Daemon;
import io.portal.api.config.Config;
import io.portal.api.config.ConfigException;
import io.portal.core.PortalException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** The daemon's side of the command line; only a daemon or {@code --conf} loads what it needs. */
final class Configuration {

  private Configuration() {}

  /** The values of a configuration file, by key. */
  static Map<String, String> read(String file) {
    try {
      return Config.read(file);
    } catch (ConfigException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** Whether this process is to be the daemon. */
  static boolean server(Flags flags, Map<String, String> environment) {
    if (flags.given("server")) {
      return flags.on("server");
    }
    String variable = environment.get("PORTAL_SERVER");
    if (variable != null) {
      return variable.equals("true");
    }
    String file = flags.get("conf");
    return file != null && "true".equals(read(file).get("server"));
  }

  /** Runs the daemon until the process is told to stop. */
  static Exit runDaemon(Flags flags, Terminal terminal) {
    Map<String, String> typed = new HashMap<>(flags.pick(Globals.KEYS));
    String file = flags.get("conf");
    if (file != null) {
      typed.put("conf", file);
    }
    Daemon daemon;
    try {
      daemon = Daemon.start(Config.load(typed, terminal.environment()));
    } catch (ConfigException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    } catch (IOException | PortalException e) {
      terminal.err().println("portal: " + e.getMessage());
      return Exit.REFUSED;
    }
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  daemon.close();
                  stopped.countDown();
                },
                "portal-stop"));
    if (terminal.environment().containsKey(DemoDaemon.STOP_WITH_INPUT)) {
      waitForEndOfInput(terminal);
      return Exit.OK;
    }
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Exit.OK;
  }

  private static void waitForEndOfInput(Terminal terminal) {
    try {
      while (terminal.in().read() >= 0) {
        // whatever it says
      }
    } catch (IOException e) {
      // as good as its end
    }
  }
}
