package io.portal.netlink;

/**
 * {@code ENOBUFS}: answers or events were lost because the receive buffer was full. Nothing is
 * known of the outcome; observe again.
 */
public final class NetlinkOverrunException extends NetlinkException {

  private static final long serialVersionUID = 1L;

  /** An error of that operation. */
  public NetlinkOverrunException(String operation) {
    super(operation, Errno.ENOBUFS, "receive buffer full, messages lost");
  }
}
