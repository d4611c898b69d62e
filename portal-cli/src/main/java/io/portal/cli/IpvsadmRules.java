package io.portal.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads rules as {@code ipvsadm -Sn} saves them: {@code -A} lines are services, {@code -a} lines
 * their servers (ipvsadm(8)). Lines that cannot be taken are kept apart.
 */
final class IpvsadmRules {

  private static final Set<String> NAMING =
      Set.of(
          "-t", "-u", "-f", "--tcp-service", "--udp-service", "--sctp-service", "--fwmark-service");
  private static final Set<String> SCHEDULER_FLAGS =
      Set.of("sh-port", "sh-fallback", "mh-port", "mh-fallback");

  private final Map<String, Map<String, @Nullable Object>> services = new LinkedHashMap<>();
  private final Set<String> leftOut = new HashSet<>();
  private final List<String> refused = new ArrayList<>();

  private IpvsadmRules() {}

  /** Reads all lines; those that cannot be taken are {@link #refused}. */
  static IpvsadmRules parse(String text) {
    IpvsadmRules rules = new IpvsadmRules();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      String rule = line.strip();
      if (!rule.isEmpty() && !rule.startsWith("#")) {
        try {
          rules.read(rule);
        } catch (IllegalArgumentException e) {
          rules.refused.add("line " + number + ": " + e.getMessage() + "\n  " + rule);
        }
      }
    }
    return rules;
  }

  /** The services, as the API takes them. */
  List<Map<String, @Nullable Object>> services() {
    return List.copyOf(services.values());
  }

  /** Every line that cannot be taken, with its number and why; each a paragraph. */
  List<String> refused() {
    return List.copyOf(refused);
  }

  private void read(String rule) {
    Iterator<String> words = List.of(rule.split("\\s+")).iterator();
    String verb = words.next();
    switch (verb) {
      case "-A", "--add-service" -> {
        try {
          service(words);
        } catch (IllegalArgumentException e) {
          // Its servers are named as those of a service that is left out.
          Iterator<String> again = List.of(rule.split("\\s+")).iterator();
          again.next();
          leftOut.add(keyOf(again));
          throw e;
        }
      }
      case "-a", "--add-server" -> server(words);
      default -> throw new IllegalArgumentException("'" + verb + "' is not -A or -a");
    }
  }

  private void service(Iterator<String> words) {
    Map<String, @Nullable Object> service = new LinkedHashMap<>();
    String key = "";
    boolean persistent = false;
    List<String> flags = new ArrayList<>();
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
        case "-o", "--ops" -> flags.add("ops");
        case "-b", "--sched-flags" -> flags.addAll(schedulerFlags(value(word, words)));
        case "--pe" -> service.put("pe", value(word, words));
        default -> throw new IllegalArgumentException("portal has no place for '" + word + "'");
      }
    }
    if (key.isEmpty()) {
      throw new IllegalArgumentException("the service's address is missing");
    }
    if (!persistent) {
      service.remove("netmask"); // it only groups clients that persist
    }
    if (!flags.isEmpty()) {
      service.put("flags", flags);
    }
    service.put("servers", new ArrayList<>());
    services.put(key, service);
  }

  private static String keyOf(Iterator<String> words) {
    while (words.hasNext()) {
      String word = words.next();
      if (NAMING.contains(word) && words.hasNext()) {
        return key(word, words.next());
      }
    }
    return "";
  }

  private void server(Iterator<String> words) {
    Map<String, @Nullable Object> server = new LinkedHashMap<>();
    Map<String, @Nullable Object> tunnel = new LinkedHashMap<>();
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
        case "--tun-type" -> tunnel.put("type", value(word, words));
        case "--tun-port" -> tunnel.put("port", number(word, words));
        case "--tun-nocsum", "--tun-csum", "--tun-remcsum" ->
            tunnel.put("checksum", word.substring("--tun-".length()));
        default -> throw new IllegalArgumentException("portal has no place for '" + word + "'");
      }
    }
    Map<String, @Nullable Object> service = services.get(key);
    if (service == null) {
      throw new IllegalArgumentException(
          leftOut.contains(key)
              ? "its service is left out"
              : "no -A line before it adds its service");
    }
    if (!"ipip".equals(tunnel.getOrDefault("type", "ipip"))) {
      server.put("tunnel", tunnel);
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
      long mark = parse(word, address);
      // ipvsadm prints marks of 2^31 and more as negative numbers.
      service.put("port", mark < 0 && mark >= Integer.MIN_VALUE ? mark + (1L << 32) : mark);
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

  private static List<String> schedulerFlags(String list) {
    List<String> flags = ServiceFlags.words(list);
    for (String flag : flags) {
      if (!SCHEDULER_FLAGS.contains(flag)) {
        throw new IllegalArgumentException("portal has no place for flag '" + flag + "'");
      }
    }
    return flags;
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
