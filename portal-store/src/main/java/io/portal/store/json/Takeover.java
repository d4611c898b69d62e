package io.portal.store.json;

import com.google.common.net.InetAddresses;
import io.portal.core.InvalidException;
import io.portal.core.model.Addresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Values that the Go portal took and this one does not, made into what they mean. */
public final class Takeover {

  private Takeover() {}

  /**
   * Makes the hosts of a service and of its servers addresses.
   *
   * @param notes gets a line for each
   * @return whether anything was to be done
   * @throws InvalidException if a host name stands for no address
   */
  static boolean correct(JsonObject object, List<String> notes) {
    if (!object.has("type")) {
      // Not a service: a route's host is the name that its health checks ask for.
      return false;
    }
    boolean corrected = host(object, notes);
    for (JsonObject server : object.objects("servers")) {
      corrected |= host(server, notes);
    }
    return corrected;
  }

  private static boolean host(JsonObject object, List<String> notes) {
    String host = object.string("host");
    if (host.isEmpty() || InetAddresses.isInetAddress(host)) {
      return false;
    }
    String address = address(host);
    notes.add("host '" + host + "' is taken over as " + address);
    object.put("host", address);
    return true;
  }

  /**
   * The address that the Go portal meant by a host: without brackets, and looked up if it is a
   * name. Blocks for a name.
   *
   * @throws InvalidException if the name stands for no address
   */
  public static String address(String host) {
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    String bare = bracketed ? host.substring(1, host.length() - 1) : host;
    if (bare.isEmpty() || bracketed || InetAddresses.isInetAddress(bare)) {
      return bare;
    }
    try {
      return Addresses.text(InetAddress.getByName(bare));
    } catch (UnknownHostException e) {
      throw InvalidException.field(
          "host", host, "an IPv4 or IPv6 address, or a name that can be looked up");
    }
  }
}
