package io.portal.netlink.route;

import io.portal.netlink.Netlink;
import io.portal.netlink.NetlinkConnection;
import io.portal.netlink.NetlinkDumpInterruptedException;
import io.portal.netlink.NetlinkException;
import io.portal.netlink.NetlinkFailure;
import io.portal.netlink.NetlinkRequest;
import io.portal.netlink.NetlinkSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads interfaces and addresses of one network namespace, and changes addresses. Thread-safe. All
 * methods block until the kernel has answered.
 */
public final class RouteClient implements AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** Dumps that a change interrupted are tried again that often. */
  private static final int DUMP_TRIES = 20;

  private final NetlinkConnection connection;

  /** A client over that connection, which is closed with it. */
  public RouteClient(NetlinkConnection connection) {
    this.connection = connection;
  }

  /**
   * Opens a client of the network namespace that the calling thread is in.
   *
   * @throws NetlinkException if there is no netlink on this system
   */
  public static RouteClient open() throws NetlinkException {
    return new RouteClient(new NetlinkConnection(NetlinkSocket.open(Netlink.ROUTE), TIMEOUT));
  }

  /** All interfaces, by index. */
  public List<Link> links() throws NetlinkException {
    List<Link> links = new ArrayList<>();
    dump(
        "dump interfaces",
        RouteCodec.getLinks(),
        links,
        (index, message) -> links.add(RouteCodec.link(message)));
    return links;
  }

  /** All IPv4 addresses, then all IPv6 addresses, of all interfaces; each interface's in order. */
  public List<LinkAddress> addresses() throws NetlinkException {
    List<LinkAddress> addresses = new ArrayList<>();
    dump(
        "dump addresses",
        RouteCodec.getAddresses(),
        addresses,
        (index, message) -> RouteCodec.address(message).ifPresent(addresses::add));
    return addresses;
  }

  private void dump(
      String operation, NetlinkRequest request, List<?> into, NetlinkConnection.Handler handler)
      throws NetlinkException {
    for (int tries = 1; ; tries++) {
      into.clear();
      try {
        connection.dump(operation, request, handler);
        return;
      } catch (NetlinkDumpInterruptedException e) {
        if (tries == DUMP_TRIES) {
          throw e;
        }
      }
    }
  }

  /**
   * Removes addresses, then adds addresses; one that is refused does not stop the others.
   *
   * @return those that were refused: the index counts the removed first, then the added
   */
  public List<NetlinkFailure> change(List<LinkAddress> remove, List<LinkAddress> add)
      throws NetlinkException {
    List<NetlinkRequest> requests = new ArrayList<>();
    remove.forEach(address -> requests.add(RouteCodec.remove(address)));
    add.forEach(address -> requests.add(RouteCodec.add(address)));
    return connection.execute("change addresses", requests);
  }

  /**
   * Makes the kernel keep the other addresses of a network when the first one is removed from that
   * interface ({@code net.ipv4.conf.NAME.promote_secondaries}); by default it removes them too.
   */
  public void promoteSecondaries(int link) throws NetlinkException {
    connection.execute(
        "keep the other addresses of interface " + link, RouteCodec.promoteSecondaries(link));
  }

  @Override
  public void close() {
    connection.close();
  }
}
