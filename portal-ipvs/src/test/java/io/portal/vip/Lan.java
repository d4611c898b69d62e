package io.portal.vip;

import io.portal.netlink.NetworkNamespace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Hosts on one Ethernet, each a namespace with the interface {@code eth0}, the addresses
 * 10.0.0.N/24 and fd00::N/64, and loopback up.
 */
final class Lan implements AutoCloseable {

  private static final String SWITCH = "switch";

  private final List<String> hosts = new ArrayList<>();

  Lan(String... names) throws IOException, InterruptedException {
    run("ip netns add " + SWITCH);
    in(SWITCH, "ip link add br0 type bridge forward_delay 0");
    in(SWITCH, "ip link set br0 up");
    for (String name : names) {
      hosts.add(name);
      run("ip netns add " + name);
      run("ip link add eth0 netns " + name + " type veth peer name " + name + " netns " + SWITCH);
      in(SWITCH, "ip link set " + name + " master br0 up");
      in(name, "ip link set lo up");
      in(name, "ip addr add 10.0.0." + hosts.size() + "/24 dev eth0");
      in(name, "ip addr add fd00::" + hosts.size() + "/64 dev eth0 nodad");
      in(name, "ip link set eth0 up");
    }
  }

  /** Runs a command on a host, words parted by single spaces; returns what it printed. */
  static String in(String host, String command) throws IOException, InterruptedException {
    return run("ip netns exec " + host + " " + command);
  }

  private static String run(String command) throws IOException, InterruptedException {
    return NetworkNamespace.run(command.split(" "));
  }

  /** The Ethernet address of a host. */
  static String mac(String host) throws IOException, InterruptedException {
    return in(host, "cat /sys/class/net/eth0/address").strip();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (String host : hosts) {
      run("ip netns del " + host);
    }
    run("ip netns del " + SWITCH);
  }
}
