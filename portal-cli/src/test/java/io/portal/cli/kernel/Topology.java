package io.portal.cli.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * A client, a director and three servers, each in a namespace of its own. The client and each
 * server are joined to the director by a cable; the servers' way back is through the director.
 *
 * <pre>
 *   client 10.1.0.2 -- 10.1.0.1 director 10.2.N.1 -- 10.2.N.2 server N
 *        fd00:1::2 -- fd00:1::1          fd00:2:N::1 -- fd00:2:N::2
 * </pre>
 */
final class Topology implements AutoCloseable {

  static final int SERVERS = 3;

  final Namespace client;
  final Namespace director;
  final List<Namespace> servers = new ArrayList<>();

  Topology() throws Exception {
    client = Namespace.create("cl");
    director = Namespace.create("di");
    Namespace.join(client, "10.1.0.2/24", "fd00:1::2/64", director, "10.1.0.1/24", "fd00:1::1/64");
    client.shell("ip route add default via 10.1.0.1");
    client.shell("ip -6 route add default via fd00:1::1");
    director.shell("sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
    for (int n = 1; n <= SERVERS; n++) {
      Namespace server = Namespace.create("s" + n);
      Namespace.join(
          director,
          "10.2." + n + ".1/24",
          "fd00:2:" + n + "::1/64",
          server,
          "10.2." + n + ".2/24",
          "fd00:2:" + n + "::2/64");
      server.shell("ip route add default via 10.2." + n + ".1");
      server.shell("ip -6 route add default via fd00:2:" + n + "::1");
      servers.add(server);
    }
  }

  @Override
  public void close() throws Exception {
    for (Namespace server : servers) {
      server.close();
    }
    director.close();
    client.close();
  }
}
