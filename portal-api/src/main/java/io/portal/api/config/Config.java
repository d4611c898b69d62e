package io.portal.api.config;

import com.google.common.collect.ImmutableMap;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import io.portal.core.model.InterfaceAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The daemon's settings, checked. Immutable. */
public final class Config {

  private final Map<Setting, String> values;

  private Config(Map<Setting, String> values) {
    this.values = values;
  }

  /**
   * Settings from all sources, the strongest first: flags, the environment's {@code PORTAL_...}
   * variables, a file, the defaults.
   *
   * @param flags by key; {@code conf} names the file
   * @param environment the environment; {@code PORTAL_CONF} names the file where no flag does
   * @throws ConfigException if keys are unknown or values wrong; a line for each, naming its source
   */
  public static Config load(Map<String, String> flags, Map<String, String> environment) {
    List<String> faults = new ArrayList<>();
    String conf = flags.getOrDefault("conf", environment.getOrDefault("PORTAL_CONF", ""));
    Map<String, String> file = conf.isEmpty() ? Map.of() : ConfigFile.read(Path.of(conf), faults);
    Map<Setting, String> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      String flag = flags.get(setting.key());
      String variable = environment.get(setting.variable());
      String written = file.get(setting.key());
      setting.check(conf, written, faults);
      setting.check("environment variable " + setting.variable(), variable, faults);
      setting.check("flag --" + setting.key(), flag, faults);
      String value = flag != null ? flag : variable != null ? variable : written;
      values.put(setting, value == null ? setting.fallback() : value);
    }
    List<UnaryOperator<String>> sources =
        List.of(
            key -> flags.getOrDefault(key, ""),
            key -> environment.getOrDefault(Setting.of(key).orElseThrow().variable(), ""),
            key -> file.getOrDefault(key, ""));
    oneToken(sources, values, faults);
    if (!faults.isEmpty()) {
      throw new ConfigException(String.join("\n", faults));
    }
    return new Config(ImmutableMap.copyOf(values));
  }

  /** Of token and token file the stronger source's counts; both in one are a mistake. */
  private static void oneToken(
      List<UnaryOperator<String>> sources, Map<Setting, String> values, List<String> faults) {
    for (UnaryOperator<String> source : sources) {
      boolean token = !source.apply(Setting.API_TOKEN.key()).isEmpty();
      boolean file = !source.apply(Setting.API_TOKEN_FILE.key()).isEmpty();
      if (token && file) {
        faults.add("api-token and api-token-file: give one of them");
      }
      if (token || file) {
        values.put(token ? Setting.API_TOKEN_FILE : Setting.API_TOKEN, "");
        return;
      }
    }
  }

  /**
   * The token of the API, from the file that holds it if there is one. Reads the file each time.
   *
   * @return empty for none
   * @throws ConfigException if the file cannot be read, or holds none
   */
  public String token() {
    String file = get(Setting.API_TOKEN_FILE);
    if (file.isEmpty()) {
      return get(Setting.API_TOKEN);
    }
    try {
      String token = Files.readString(Path.of(file)).strip();
      if (token.isEmpty()) {
        throw new ConfigException("api-token-file " + file + ": it is empty");
      }
      return token;
    } catch (NoSuchFileException e) {
      throw new ConfigException("api-token-file " + file + ": there is no such file");
    } catch (IOException e) {
      throw new ConfigException("api-token-file " + file + ": it cannot be read: " + e);
    }
  }

  /**
   * The values that a configuration file sets, by key.
   *
   * @throws ConfigException if it cannot be read, has an unknown key or a wrong value
   */
  public static Map<String, String> read(String file) {
    List<String> faults = new ArrayList<>();
    Map<String, String> values = ConfigFile.read(Path.of(file), faults);
    values.forEach(
        (key, value) -> Setting.of(key).ifPresent(setting -> setting.check(file, value, faults)));
    if (!faults.isEmpty()) {
      throw new ConfigException(String.join("\n", faults));
    }
    return values;
  }

  /** The value as text. */
  public String get(Setting setting) {
    return values.getOrDefault(setting, setting.fallback());
  }

  /** A setting that is true or false. */
  public boolean on(Setting setting) {
    return get(setting).equals("true");
  }

  /** A setting that is a number. */
  public int number(Setting setting) {
    return Integer.parseInt(get(setting));
  }

  /** A setting that is a time. */
  public Duration duration(Setting setting) {
    return Check.duration(get(setting));
  }

  /** A setting that is a file or directory. */
  public Path path(Setting setting) {
    return Path.of(get(setting));
  }

  /** A setting that is address and port; an empty address is every one. Empty for {@code off}. */
  public Optional<InetSocketAddress> listener(Setting setting) {
    if (get(setting).equals("off")) {
      return Optional.empty();
    }
    HostAndPort socket = HostAndPort.fromString(get(setting));
    return Optional.of(
        new InetSocketAddress(
            address(socket.getHost().isEmpty() ? "0.0.0.0" : socket.getHost()), socket.getPort()));
  }

  /** Where the API listens; an empty host is every address, of IPv6 too. */
  public InetSocketAddress api() {
    String host = get(Setting.API_HOST);
    int port = number(Setting.API_PORT);
    return host.isEmpty()
        ? new InetSocketAddress(port)
        : new InetSocketAddress(address(host), port);
  }

  /** A setting that is a list of networks. */
  public List<InterfaceAddress> networks(Setting setting) {
    List<InterfaceAddress> networks = new ArrayList<>();
    for (String network : get(setting).split(",", -1)) {
      if (!network.isBlank()) {
        networks.add(InterfaceAddress.parse(network.trim()));
      }
    }
    return networks;
  }

  private static InetAddress address(String text) {
    return text.equals("localhost")
        ? InetAddress.getLoopbackAddress()
        : InetAddresses.forString(
            text.startsWith("[") ? text.substring(1, text.length() - 1) : text);
  }
}
