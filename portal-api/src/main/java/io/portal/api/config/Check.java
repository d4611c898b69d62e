package io.portal.api.config;

import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import io.portal.core.model.InterfaceAddress;
import java.time.Duration;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a setting's value must look like. */
enum Check {
  ANY("anything", text -> true),
  ADDRESS(
      "an IPv4 or IPv6 address, localhost, or empty for all addresses",
      text -> text.isEmpty() || address(text)),
  BALANCER("lvs, nginx or userspace", Set.of("lvs", "nginx", "userspace")::contains),
  BOOLEAN("true or false", Set.of("true", "false")::contains),
  CLUSTER(
      "none://, redis://HOST:PORT, rediss://HOST:PORT or redis-sentinel://HOST:PORT",
      text -> text.isEmpty() || text.matches("(none|redis|rediss|redis-sentinel)://.*")),
  DURATION("a time above zero such as 500ms, 30s, 5m or 1h", Check::positive),
  FIREWALL("none or nftables", Set.of("none", "nftables")::contains),
  HOST_NAME("a host name such as www.example.com", text -> text.matches("[\\w.*-]*")),
  INTERFACE("the name of an interface", text -> text.matches("[^\\s/]{0,15}")),
  LISTENER(
      "an address and port such as 0.0.0.0:80, or off", text -> text.equals("off") || socket(text)),
  LOG_FORMAT("text or json", Set.of("text", "json")::contains),
  ON_OFF("on or off", Set.of("on", "off")::contains),
  METRICS_SERVERS("on, off or auto", Set.of("on", "off", "auto")::contains),
  LOG_LEVEL(
      "TRACE, DEBUG, INFO, WARN, ERROR or FATAL",
      text ->
          Set.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
              .contains(text.toUpperCase(java.util.Locale.ROOT))),
  NO_HEALTHY("502 or 503", Set.of("502", "503")::contains),
  NETWORKS("networks such as 10.0.0.0/8, separated by commas", Check::networks),
  PORT("a port, 1 to 65535", text -> number(text, 1, 65535)),
  SYNC_ID("0 to 255", text -> number(text, 0, 255)),
  SIZE("bytes, 1 to 2147483647", text -> number(text, 1, Integer.MAX_VALUE)),
  STORE(
      "scribble:///DIRECTORY, postgres://... or postgresql://...",
      text -> text.matches("(scribble|postgres|postgresql)://.*"));

  private static final Pattern TIME = Pattern.compile("([0-9]{1,9})(ms|s|m|h)?");

  private final String allowed;
  private final Predicate<String> predicate;

  Check(String allowed, Predicate<String> predicate) {
    this.allowed = allowed;
    this.predicate = predicate;
  }

  String allowed() {
    return allowed;
  }

  boolean allows(String text) {
    return predicate.test(text);
  }

  /** The time that a text such as {@code 500ms}, {@code 30s} or {@code 30} (seconds) stands for. */
  static Duration duration(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw new ConfigException("'" + text + "' is no time: must be " + DURATION.allowed);
    }
    long count = Long.parseLong(matcher.group(1));
    String unit = matcher.group(2) == null ? "s" : matcher.group(2);
    return switch (unit) {
      case "ms" -> Duration.ofMillis(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofSeconds(count);
    };
  }

  private static boolean positive(String text) {
    return TIME.matcher(text).matches() && !duration(text).isZero();
  }

  private static boolean number(String text, long least, long most) {
    return text.matches("[0-9]{1,18}")
        && Long.parseLong(text) >= least
        && Long.parseLong(text) <= most;
  }

  private static boolean address(String text) {
    return text.equals("localhost")
        || InetAddresses.isUriInetAddress(text)
        || InetAddresses.isInetAddress(text);
  }

  private static boolean socket(String text) {
    try {
      HostAndPort socket = HostAndPort.fromString(text);
      return socket.hasPort() && (socket.getHost().isEmpty() || address(socket.getHost()));
    } catch (IllegalArgumentException none) {
      return false;
    }
  }

  private static boolean networks(String text) {
    try {
      for (String network : text.split(",", -1)) {
        if (!text.isEmpty()) {
          InterfaceAddress.parse(network.trim());
        }
      }
      return true;
    } catch (RuntimeException none) {
      return false;
    }
  }
}
