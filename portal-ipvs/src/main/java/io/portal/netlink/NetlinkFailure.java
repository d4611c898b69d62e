package io.portal.netlink;

/**
 * A request of a batch that the kernel refused.
 *
 * @param index place of the request in the list that was given, from 0
 * @param errno the kernel's error
 * @param kernelMessage the kernel's own words, empty if it gave none
 */
public record NetlinkFailure(int index, Errno errno, String kernelMessage) {

  /** The exception for that failure of an operation. */
  public NetlinkException toException(String operation) {
    if (errno.equals(Errno.EBUSY)) {
      return new NetlinkBusyException(operation, kernelMessage);
    }
    return new NetlinkException(operation, errno, kernelMessage);
  }

  /** The errno's name, and the kernel's own words behind it. */
  @Override
  public String toString() {
    return kernelMessage.isEmpty() ? errno.symbol() : errno.symbol() + " (" + kernelMessage + ")";
  }
}
