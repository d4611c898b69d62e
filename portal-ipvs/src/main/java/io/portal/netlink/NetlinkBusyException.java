package io.portal.netlink;

/** {@code EBUSY}: the socket is already at a dump, or the kernel's object is in use. */
public final class NetlinkBusyException extends NetlinkException {

  private static final long serialVersionUID = 1L;

  /** An error of that operation, with the kernel's own words if it gave any. */
  public NetlinkBusyException(String operation, String kernelMessage) {
    super(operation, Errno.EBUSY, kernelMessage);
  }
}
