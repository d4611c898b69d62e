package io.portal.core.port;

import io.portal.core.InvalidException;
import io.portal.core.model.Cert;

/** The reverse proxy. All methods may block (never call them on an event loop). */
public interface Proxy extends AutoCloseable {

  /**
   * Refuses a cert that cannot be served, before anything is stored.
   *
   * @throws InvalidException if it is no PEM, does not parse, or cert and key do not belong
   *     together
   */
  default void check(Cert cert) {}

  /**
   * Serves this table from now on, in one step: requests that run finish on the old one,
   * connections stay.
   *
   * @throws ProxyException if it cannot; the old table is served on
   */
  void apply(ProxyTable table) throws ProxyException;

  /** Stops accepting, and gives its addresses free for another process; requests that run go on. */
  default void stopListening() {}

  /** Stops accepting, lets running requests finish up to a limit, then closes. */
  @Override
  void close();
}
