package io.portal.cli.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * A client, two directors, two servers and a Redis on one switch, each in a namespace of its own,
 * all with an interface {@code lan0}. The servers have the vip on their loopback, and do not say so
 * (direct routing).
 *
 * <pre>
 *   10.3.0.2 client   10.3.0.3, .4 directors   10.3.0.11, .12 servers   10.3.0.9 redis
 * </pre>
 */
final class Lan implements AutoCloseable {

  static final String VIP = "10.3.0.100";

  private final Namespace network;
  final Namespace client;
  final Namespace redis;
  final List<Namespace> directors = new ArrayList<>();
  final List<Namespace> servers = new ArrayList<>();

  Lan() throws Exception {
    network = Namespace.create("sw");
    network.shell("ip link add bridge0 type bridge");
    network.shell("ip link set bridge0 up");
    client = host("c1", "10.3.0.2");
    redis = host("rd", "10.3.0.9");
    for (int n = 1; n <= 2; n++) {
      Namespace director = host("d" + n, "10.3.0." + (2 + n));
      director.shell("sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0");
      directors.add(director);
      Namespace server = host("s" + n, "10.3.0.1" + n);
      server.shell("sysctl -q -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2");
      server.shell("ip addr add " + VIP + "/32 dev lo");
      servers.add(server);
    }
  }

  private Namespace host(String name, String address) throws Exception {
    Namespace host = Namespace.create(name);
    Shell.run("ip link add lan0 netns " + name + " type veth peer name p-" + name + " netns sw");
    network.shell("ip link set p-" + name + " master bridge0");
    network.shell("ip link set p-" + name + " up");
    host.shell("ip addr add " + address + "/24 dev lan0");
    host.shell("ip link set lan0 up");
    return host;
  }

  /** Pulls a host's cable. */
  void cut(Namespace host) throws Exception {
    network.shell("ip link set p-" + host.name() + " down");
  }

  /** Plugs it in again. */
  void plug(Namespace host) throws Exception {
    network.shell("ip link set p-" + host.name() + " up");
  }

  @Override
  public void close() throws Exception {
    for (Namespace server : servers) {
      server.close();
    }
    for (Namespace director : directors) {
      director.close();
    }
    redis.close();
    client.close();
    network.close();
  }
}
