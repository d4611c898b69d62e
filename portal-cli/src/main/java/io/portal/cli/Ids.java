package io.portal.cli;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/** The API's ids, made of what was typed. Whether they are right the API says. */
final class Ids {

  private Ids() {}

  /** {@code tcp-127_0_0_3-80}. */
  static String service(String type, String host, String port) {
    return type + "-" + host(host) + "-" + port;
  }

  /** The host in a service's id, {@code 127.0.0.3}; empty where there is none. */
  static String hostOf(String serviceId) {
    int start = serviceId.indexOf('-') + 1;
    int end = serviceId.lastIndexOf('-');
    return start > 0 && end > start ? serviceId.substring(start, end).replace('_', '.') : "";
  }

  /** {@code 192_168_0_3-8080}. */
  static String server(String host, String port) {
    return host(host) + "-" + port;
  }

  /** As one part of a path. */
  static String encoded(String id) {
    return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20").replace("%3A", ":");
  }

  private static String host(String host) {
    return host.indexOf(':') < 0 ? host.replace('.', '_') : compressed(host);
  }

  /** The one way to write an IPv6 address: RFC 5952, section 4. */
  private static String compressed(String literal) {
    try {
      InetAddress address = InetAddress.getByName(literal);
      byte[] bytes = address.getAddress();
      if (!(address instanceof Inet6Address)) {
        // IPv4-mapped: the API keeps it an address of IPv6.
        byte[] four = bytes;
        bytes = new byte[16];
        bytes[10] = -1;
        bytes[11] = -1;
        System.arraycopy(four, 0, bytes, 12, 4);
      }
      int[] groups = new int[8];
      for (int i = 0; i < 8; i++) {
        groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
      }
      return text(groups);
    } catch (UnknownHostException e) {
      return literal;
    }
  }

  private static String text(int[] groups) {
    int start = -1;
    int length = 1; // a single zero group is not shortened
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
      } else {
        if (text.length() > 0 && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
