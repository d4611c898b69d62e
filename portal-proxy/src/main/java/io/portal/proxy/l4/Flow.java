package io.portal.proxy.l4;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a scheduler may know of a new connection.
 *
 * @param client where it comes from
 * @param destination the service's address that it was made to
 * @param refused a server that has just refused it; null for none
 */
record Flow(InetAddress client, InetAddress destination, @Nullable Backend refused) {

  /** Whether this connection may go to that server. */
  boolean admits(Backend backend) {
    return backend != refused && backend.takesNew();
  }

  /** The same connection after that server refused it. */
  Flow refusedBy(Backend backend) {
    return new Flow(client, destination, backend);
  }
}
