package io.portal.netlink.route;

import io.portal.netlink.Netlink;
import io.portal.netlink.NetlinkException;
import io.portal.netlink.NetlinkMessage;
import io.portal.netlink.NetlinkOverrunException;
import io.portal.netlink.NetlinkSocket;
import io.portal.netlink.NetlinkTransport;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens, on a thread of its own, for changes of interfaces and addresses. */
public final class RouteEvents implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RouteEvents.class);

  private static final Duration FOREVER = Duration.ofDays(1);

  /** Told of changes, on the thread that listens. Its methods return at once. */
  public interface Listener {

    /** An interface has come, or something about it has changed. */
    void linkChanged(Link link);

    /** Anything has changed: also after {@link #linkChanged}, and where events were lost. */
    void changed();
  }

  private final NetlinkTransport transport;
  private final Listener listener;
  private volatile boolean closed;

  private RouteEvents(NetlinkTransport transport, Listener listener) {
    this.transport = transport;
    this.listener = listener;
  }

  /**
   * Listens in the network namespace that the calling thread is in, until closed.
   *
   * @throws NetlinkException if there is no netlink on this system
   */
  public static RouteEvents open(Listener listener) throws NetlinkException {
    return open(
        NetlinkSocket.open(
            Netlink.ROUTE,
            RouteConstants.RTNLGRP_LINK,
            RouteConstants.RTNLGRP_IPV4_IFADDR,
            RouteConstants.RTNLGRP_IPV6_IFADDR),
        listener);
  }

  /** Listens on that transport, which is closed with it. */
  static RouteEvents open(NetlinkTransport transport, Listener listener) {
    RouteEvents events = new RouteEvents(transport, listener);
    Thread thread = new Thread(events::listen, "portal-addresses");
    thread.setDaemon(true);
    thread.start();
    return events;
  }

  private void listen() {
    while (!closed) {
      try {
        ByteBuffer datagram = transport.receive(FOREVER);
        if (datagram != null) {
          read(datagram);
        }
      } catch (NetlinkOverrunException e) {
        log.debug("events of addresses were lost, all is looked at again");
        listener.changed();
      } catch (NetlinkException e) {
        if (closed) {
          return;
        }
        log.error(
            "changes of addresses are not noticed any more until the timer: {}", e.getMessage());
        return;
      }
    }
  }

  private void read(ByteBuffer datagram) {
    try {
      for (NetlinkMessage message : NetlinkMessage.readAll(datagram)) {
        if (message.type() == RouteConstants.RTM_NEWLINK) {
          listener.linkChanged(RouteCodec.link(message));
        }
      }
    } catch (NetlinkException e) {
      log.warn("an event of addresses cannot be read: {}", e.getMessage());
    }
    listener.changed();
  }

  @Override
  public void close() {
    closed = true;
    transport.close();
  }
}
