package io.portal.proxy.l4;

/** The sockets of one service. */
interface Listener {

  /** The server was removed: waits until whatever must not outlive that has ended. */
  default void removed(Backend backend) {}

  /** Stops listening, waits until the address is free, and ends all connections. */
  void close();
}
