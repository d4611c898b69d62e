package io.portal.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads rules as {@code ipvsadm -Sn} saves them: {@code -A} lines are services, {@code -a} lines
 * their servers (ipvsadm(8)).
 */
final class IpvsadmRules {

  private final Map<String, Map<String, @Nullable Object>> services = new LinkedHashMap<>();

  private IpvsadmRules() {}

  /**
   * The services, as the API takes them.
   *
   * @throws CliException naming the line that cannot be read, or that says what portal's API cannot
   *     hold
   */
  static List<Map<String, @Nullable Object>> parse(String text) {
    IpvsadmRules rules = new IpvsadmRules();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      String rule = line.strip();
      if (!rule.isEmpty() && !rule.startsWith("#")) {
        try {
          rules.read(rule);
        } catch (IllegalArgumentException e) {
          throw new CliException(
              Exit.REFUSED, "line " + number + ": " + e.getMessage() + "\n  " + rule, e);
        }
      }
    }
    return List.copyOf(rules.services.values());
  }

  private void read(String rule) {
    Iterator<String> words = List.of(rule.split("\\s+")).iterator();
    String verb = words.next();
    switch (verb) {
      case "-A", "--add-service" -> service(words);
      case "-a", "--add-server" -> server(words);
      default -> throw new IllegalArgumentException("'" + verb + "' is not -A or -a");
    }
  }

  private void service(Iterator<String> words) {
    Map<String, @Nullable Object> service = new LinkedHashMap<>();
    String key = "";
    boolean persistent = false;
    while (words.hasNext()) {
      String word = words.next();
      switch (word) {
        case "-t",
            "-u",
            "-f",
            "--tcp-service",
            "--udp-service",
            "--sctp-service",
            "--fwmark-service" -> {
          String address = value(word, words);
          key = key(word, address);
          address(service, word, address);
        }
        case "-6", "--ipv6" -> service.put("host", "::");
        case "-s", "--scheduler" -> service.put("scheduler", value(word, words));
        case "-p", "--persistent" -> {
          persistent = true;
          service.put("persistence", seconds(words));
        }
        case "-M", "--netmask" -> service.put("netmask", value(word, words));
        default -> throw new IllegalArgumentException("portal has no place for '" + word + "'");
      }
    }
    if (key.isEmpty()) {
      throw new IllegalArgumentException("the service's address is missing");
    }
    if (!persistent) {
      service.remove("netmask"); // it only groups clients that persist
    }
    service.put("servers", new ArrayList<>());
    services.put(key, service);
  }

  private void server(Iterator<String> words) {
    Map<String, @Nullable Object> server = new LinkedHashMap<>();
    String key = "";
    while (words.hasNext()) {
      String word = words.next();
      switch (word) {
        case "-t",
            "-u",
            "-f",
            "--tcp-service",
            "--udp-service",
            "--sctp-service",
            "--fwmark-service" ->
            key = key(word, value(word, words));
        case "-6", "--ipv6" -> {}
        case "-r", "--real-server" -> hostAndPort(server, value(word, words));
        case "-g", "--gatewaying" -> server.put("forwarder", "g");
        case "-i", "--ipip" -> server.put("forwarder", "i");
        case "-m", "--masquerading" -> server.put("forwarder", "m");
        case "-w", "--weight" -> server.put("weight", number(word, words));
        case "-x", "--u-threshold" -> server.put("upper_threshold", number(word, words));
        case "-y", "--l-threshold" -> server.put("lower_threshold", number(word, words));
        case "--tun-type" -> {
          String type = value(word, words);
          if (!type.equals("ipip")) {
            throw new IllegalArgumentException("portal has no place for tunnels of type " + type);
          }
        }
        default -> throw new IllegalArgumentException("portal has no place for '" + word + "'");
      }
    }
    Map<String, @Nullable Object> service = services.get(key);
    if (service == null) {
      throw new IllegalArgumentException("no -A line before it adds its service");
    }
    @SuppressWarnings("unchecked") // put there by service()
    List<Object> servers = (List<Object>) service.get("servers");
    if (servers != null) {
      servers.add(server);
    }
  }

  private static String key(String word, String address) {
    return type(word) + " " + address;
  }

  private static String type(String word) {
    return switch (word) {
      case "-t", "--tcp-service" -> "tcp";
      case "-u", "--udp-service" -> "udp";
      case "--sctp-service" -> "sctp";
      default -> "fwmark";
    };
  }

  private static void address(Map<String, @Nullable Object> service, String word, String address) {
    String type = type(word);
    if (type.equals("fwmark")) {
      service.putIfAbsent("host", "");
      service.put("port", parse(word, address));
    } else {
      hostAndPort(service, address);
    }
    service.put("type", type);
  }

  private static void hostAndPort(Map<String, @Nullable Object> fields, String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("'" + text + "' is not address:port");
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    fields.put("host", host);
    fields.put("port", parse("port", text.substring(colon + 1)));
  }

  /** {@code -p} always has its seconds in what ipvsadm saves. */
  private static long seconds(Iterator<String> words) {
    return number("-p", words);
  }

  private static long number(String word, Iterator<String> words) {
    return parse(word, value(word, words));
  }

  private static long parse(String word, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          word + ": '" + text + "' is not a number (save the rules with ipvsadm -Sn)", e);
    }
  }

  private static String value(String word, Iterator<String> words) {
    if (!words.hasNext()) {
      throw new IllegalArgumentException(word + " needs a value");
    }
    return words.next();
  }
}
