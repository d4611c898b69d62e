package io.portal.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
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
  private static final String TOKEN = "api-token";
  private static final String TOKEN_FILE = "api-token-file";

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
        lookup.token(),
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

    /**
     * The token, or what the file holds that is named instead; the stronger source's of both.
     *
     * @throws CliException if the file cannot be read, or one source names both
     */
    String token() {
      for (Map<String, String> source : List.of(typed(), exported(), file)) {
        String token = source.getOrDefault(TOKEN, "");
        String named = source.getOrDefault(TOKEN_FILE, "");
        if (!token.isEmpty() && !named.isEmpty()) {
          throw CliException.usage("api-token and api-token-file: give one of them");
        }
        if (source.containsKey(TOKEN) && named.isEmpty()) {
          return token;
        }
        if (!named.isEmpty()) {
          return read(Path.of(named));
        }
      }
      return "";
    }

    private Map<String, String> typed() {
      Map<String, String> typed = new HashMap<>();
      for (String key : List.of(TOKEN, TOKEN_FILE)) {
        String value = flags.get(key);
        if (value != null) {
          typed.put(key, value);
        }
      }
      return typed;
    }

    private Map<String, String> exported() {
      Map<String, String> exported = new HashMap<>();
      for (String key : List.of(TOKEN, TOKEN_FILE)) {
        String value = environment.get(variable(key));
        if (value != null) {
          exported.put(key, value);
        }
      }
      return exported;
    }

    private static String read(Path file) {
      try {
        return Files.readString(file).strip();
      } catch (IOException e) {
        throw new CliException(
            Exit.USAGE, "api-token-file: cannot read " + file + ": " + Terminal.reason(e), e);
      }
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

  /**
   * A daemon that listens everywhere is reached over loopback.
   *
   * @throws CliException if it is more than a host
   */
  private static String reachable(String host) {
    if (host.indexOf('/') >= 0) {
      throw CliException.usage(
          "api-host: '" + host + "' is a URL; give the host alone, -H 10.0.0.1");
    }
    int colon = host.lastIndexOf(':');
    if (colon > 0 && (host.indexOf(':') == colon || host.charAt(colon - 1) == ']')) {
      throw CliException.usage(
          "api-host: '"
              + host
              + "' has a port; give the host alone, and the port with -P "
              + host.substring(colon + 1));
    }
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
