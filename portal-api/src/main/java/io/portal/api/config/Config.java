package io.portal.api.config;

import com.google.common.collect.ImmutableMap;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import io.portal.core.model.InterfaceAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
   * @throws ConfigException if a key is unknown or a value wrong, naming its source
   */
  public static Config load(Map<String, String> flags, Map<String, String> environment) {
    String conf = flags.getOrDefault("conf", environment.getOrDefault("PORTAL_CONF", ""));
    Map<String, String> file = conf.isEmpty() ? Map.of() : ConfigFile.read(Path.of(conf));
    Map<Setting, String> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      String flag = flags.get(setting.key());
      String variable = environment.get(setting.variable());
      String written = file.get(setting.key());
      if (written != null) {
        setting.check(conf, written);
      }
      if (variable != null) {
        setting.check("environment variable " + setting.variable(), variable);
      }
      if (flag != null) {
        setting.check("flag --" + setting.key(), flag);
      }
      String value = flag != null ? flag : variable != null ? variable : written;
      values.put(setting, value == null ? setting.fallback() : value);
    }
    return new Config(ImmutableMap.copyOf(values));
  }

  /**
   * The values that a configuration file sets, by key.
   *
   * @throws ConfigException if it cannot be read, has an unknown key or a wrong value
   */
  public static Map<String, String> read(String file) {
    Map<String, String> values = ConfigFile.read(Path.of(file));
    values.forEach((key, value) -> Setting.of(key).orElseThrow().check(file, value));
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

  /** Where the API listens. */
  public InetSocketAddress api() {
    return new InetSocketAddress(address(get(Setting.API_HOST)), number(Setting.API_PORT));
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
