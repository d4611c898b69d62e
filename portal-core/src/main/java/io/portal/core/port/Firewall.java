package io.portal.core.port;

import java.util.Collection;

/**
 * Lets packets through the host's packet filter. Only what arrives later is decided anew:
 * connections are never cut by opening or closing. All methods may block (never call them on an
 * event loop); they are called by one thread at a time.
 */
public interface Firewall {

  /**
   * Closes and opens, in one step. What is so already is no error. Costs in proportion to the
   * change.
   *
   * @throws FirewallException if it cannot; nothing of it is done
   */
  void change(Collection<Opening> close, Collection<Opening> open) throws FirewallException;

  /**
   * Looks at everything, and makes exactly these open.
   *
   * @return how much was not so before
   * @throws FirewallException if it cannot; as much of it is done as can be
   */
  int settle(Collection<Opening> openings) throws FirewallException;

  /**
   * Removes everything that this made.
   *
   * @throws FirewallException if it cannot; as much of it is done as can be
   */
  void clear() throws FirewallException;
}
