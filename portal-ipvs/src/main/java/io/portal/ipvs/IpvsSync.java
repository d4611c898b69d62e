package io.portal.ipvs;

import io.portal.netlink.Errno;
import io.portal.netlink.NetlinkException;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the kernel tell other directors of its connections, and take over what they tell: a
 * connection then survives the move of its address. The kernel's threads stay when this process
 * ends. Not thread-safe.
 */
public final class IpvsSync implements Closeable {

  private static final Logger log = LoggerFactory.getLogger(IpvsSync.class);

  private final List<IpvsDaemon> daemons;
  private final boolean stopAtClose;

  private IpvsSync(List<IpvsDaemon> daemons, boolean stopAtClose) {
    this.daemons = daemons;
    this.stopAtClose = stopAtClose;
  }

  /**
   * Starts sending and receiving, in the network namespace of the calling thread. What runs with
   * the same interface and id already is left as it is; what runs otherwise is started again.
   *
   * @param interfaceName where the other directors are, on one link with this one (multicast)
   * @param syncId 0 to 255; directors of one id share connections, 0 takes those of all
   * @param stopAtClose whether {@link #close} stops it
   * @throws NetlinkException if the kernel refuses: ENODEV without such an interface, EINVAL while
   *     a server is of another address family than its service
   */
  public static IpvsSync start(String interfaceName, int syncId, boolean stopAtClose)
      throws IpvsUnavailableException, NetlinkException {
    List<IpvsDaemon> wanted =
        Arrays.stream(IpvsDaemon.Role.values())
            .map(role -> IpvsDaemon.of(role, interfaceName, syncId))
            .toList();
    try (IpvsClient client = IpvsClient.open()) {
      List<IpvsDaemon> running = client.daemons();
      for (IpvsDaemon daemon : wanted) {
        start(client, daemon, running);
      }
    }
    return new IpvsSync(wanted, stopAtClose);
  }

  private static void start(IpvsClient client, IpvsDaemon wanted, List<IpvsDaemon> running)
      throws NetlinkException {
    for (IpvsDaemon other : running) {
      if (other.role() == wanted.role()) {
        if (other.interfaceName().equals(wanted.interfaceName())
            && other.syncId() == wanted.syncId()) {
          return;
        }
        client.stopDaemon(other);
      }
    }
    client.startDaemon(wanted);
    log.info(
        "IPVS: connections are {} on {}, sync id {}",
        wanted.role() == IpvsDaemon.Role.MASTER ? "told to other directors" : "taken from others",
        wanted.interfaceName(),
        wanted.syncId());
  }

  /** Stops sending and receiving, if that was asked for; what does not run is no error. */
  @Override
  public void close() {
    if (!stopAtClose) {
      return;
    }
    try (IpvsClient client = IpvsClient.open()) {
      for (IpvsDaemon daemon : daemons) {
        try {
          client.stopDaemon(daemon);
        } catch (NetlinkException e) {
          if (!e.is(Errno.ESRCH)) {
            throw e;
          }
        }
      }
    } catch (IOException e) {
      log.warn("IPVS: sync daemons were not stopped: {}", e.getMessage());
    }
  }
}
