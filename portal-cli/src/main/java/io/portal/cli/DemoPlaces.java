package io.portal.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where on loopback everything of the demo is, each as {@code address:port}. Telling numbers are
 * taken where they are free, any others where not.
 *
 * @param service what clients connect to
 * @param servers behind it
 * @param api port of the daemon's API
 * @param http port of its HTTP proxy
 * @param tls port of its HTTPS proxy
 */
record DemoPlaces(String service, List<String> servers, int api, int http, int tls) {

  static DemoPlaces free(int count) {
    Set<String> taken = new HashSet<>();
    // Linux has all of 127/8 on loopback, others only 127.0.0.1.
    boolean many = isFree("127.0.0.10", 0);
    String service = free(many ? "127.0.0.10" : "127.0.0.1", 8080, taken);
    List<String> servers = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      servers.add(free(many ? "127.0.0.1" + i : "127.0.0.1", 8080 + (many ? 0 : i), taken));
    }
    return new DemoPlaces(
        service, List.copyOf(servers), port(8443, taken), port(8081, taken), port(8444, taken));
  }

  private static int port(int preferred, Set<String> taken) {
    String place = free("127.0.0.1", preferred, taken);
    return Integer.parseInt(place.substring(place.lastIndexOf(':') + 1));
  }

  private static String free(String host, int preferred, Set<String> taken) {
    String place = host + ":" + preferred;
    if (isFree(host, preferred) && taken.add(place)) {
      return place;
    }
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
      String other = host + ":" + socket.getLocalPort();
      taken.add(other);
      return other;
    } catch (IOException e) {
      throw new CliException(Exit.REFUSED, "no free port on " + host + ": " + e.getMessage(), e);
    }
  }

  private static boolean isFree(String host, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(host, port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  String server(int index) {
    return servers.get(index);
  }

  String serviceId() {
    int colon = service.lastIndexOf(':');
    return Ids.service("tcp", service.substring(0, colon), service.substring(colon + 1));
  }
}
