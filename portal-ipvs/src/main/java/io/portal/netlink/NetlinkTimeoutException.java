package io.portal.netlink;

import java.time.Duration;

/** The kernel did not answer in time; whether it did what was asked is unknown. */
public final class NetlinkTimeoutException extends NetlinkException {

  private static final long serialVersionUID = 1L;

  /** An error of an operation that waited that long. */
  public NetlinkTimeoutException(String operation, Duration waited) {
    super(operation, "no answer from the kernel within " + waited.toMillis() + " ms");
  }
}
