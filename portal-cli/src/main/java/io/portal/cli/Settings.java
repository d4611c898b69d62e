package io.portal.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the API is and how to speak to it.
 *
 * @param host address or name
 * @param port 1 to 65535
 * @param token sent with every request; empty for none
 * @param insecure neither certificates nor TLS itself are insisted on
 * @param workDir where a daemon of this host keeps its own certificate
 * @param certificate the API's certificate; null to use what the host trusts
 */
record Settings(
    String host,
    int port,
    String token,
    boolean insecure,
    Path workDir,
    @Nullable Path certificate) {

  private static final String CONF = "PORTAL_CONF";

  /**
   * Of flags, then the environment ({@code PORTAL_API_HOST} and so on), then a file's values, then
   * the defaults.
   *
   * @throws CliException if the port is none
   */
  static Settings of(Lookup lookup) {
    String cert = lookup.get("api-cert");
    return new Settings(
        reachable(lookup.get("api-host")),
        port(lookup.get("api-port")),
        lookup.get("api-token"),
        lookup.get("insecure").equals("true"),
        Path.of(lookup.get("work-dir")),
        cert.isEmpty() ? null : Path.of(cert));
  }

  /**
   * Where a configuration key's value comes from, the strongest first.
   *
   * @param flags what was typed
   * @param environment the environment's variables
   * @param file the values of the configuration file
   */
  record Lookup(Flags flags, Map<String, String> environment, Map<String, String> file) {

    /** With the values of the file that a flag or the environment names; none if none does. */
    static Lookup of(Flags flags, Map<String, String> environment) {
      boolean named =
          flags.given(Globals.CONF.name()) || !environment.getOrDefault(CONF, "").isEmpty();
      return new Lookup(
          flags, environment, named ? Configuration.values(flags, environment) : Map.of());
    }

    /** The value of a key; empty where there is none and no default. */
    String get(String key) {
      String typed = flags.get(key);
      if (typed != null) {
        return typed;
      }
      String exported = environment.get(variable(key));
      if (exported != null) {
        return exported;
      }
      String written = file.get(key);
      return written != null ? written : fallback(key);
    }

    private static String fallback(String key) {
      for (Flag flag : Globals.KEYS) {
        if (flag.name().equals(key)) {
          return flag.fallback();
        }
      }
      throw new IllegalArgumentException(key);
    }
  }

  /** The environment variable of a configuration key. */
  static String variable(String key) {
    return "PORTAL_" + key.replace('-', '_').toUpperCase(java.util.Locale.ROOT);
  }

  /** A daemon that listens everywhere is reached over loopback. */
  private static String reachable(String host) {
    return switch (host) {
      case "", "0.0.0.0" -> "127.0.0.1";
      case "::", "[::]" -> "::1";
      default -> host;
    };
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port > 0 && port < 65536) {
        return port;
      }
    } catch (NumberFormatException none) {
      // told below
    }
    throw CliException.usage("api-port: '" + text + "' is not a port (1 to 65535)");
  }

  /** The host without the brackets that an IPv6 address may be given in. */
  String bareHost() {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** {@code host:port}, an IPv6 address in brackets. */
  String authority() {
    return (host.indexOf(':') >= 0 ? "[" + bareHost() + "]" : host) + ":" + port;
  }
}
