package io.portal.core.model;

import java.net.InetAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A server behind a service.
 *
 * @param id address and port
 * @param settings forwarder, weight and thresholds as the user asked for them
 * @param drainUntil when a server that is being removed goes at the latest; null while it is not
 *     being removed
 */
public record Server(ServerId id, ServerSettings settings, @Nullable Instant drainUntil) {

  /** A server that is not being removed. */
  public Server(ServerId id, ServerSettings settings) {
    this(id, settings, null);
  }

  /** The server's address. */
  public InetAddress host() {
    return id.host();
  }

  /** The server's port. */
  public int port() {
    return id.port();
  }

  /** Whether the server is being removed and takes no new connections. */
  public boolean draining() {
    return drainUntil != null;
  }

  /** This server, leaving at that time at the latest; null calls it off. */
  public Server withDrainUntil(@Nullable Instant time) {
    return new Server(id, settings, time);
  }
}
