package io.portal.netlink;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A netlink operation failed: names the operation, the error and the kernel's own words. */
public class NetlinkException extends IOException {

  private static final long serialVersionUID = 1L;

  private final String operation;
  private final transient @Nullable Errno errno;
  private final String kernelMessage;

  /**
   * A refusal by the kernel.
   *
   * @param operation what was tried, such as {@code dump services}
   * @param errno the kernel's error
   * @param kernelMessage the kernel's own words, empty if it gave none
   */
  public NetlinkException(String operation, Errno errno, String kernelMessage) {
    super(operation + ": " + errno + (kernelMessage.isEmpty() ? "" : " (" + kernelMessage + ")"));
    this.operation = operation;
    this.errno = errno;
    this.kernelMessage = kernelMessage;
  }

  /** A failure that is no refusal by the kernel, such as an answer that cannot be read. */
  public NetlinkException(String operation, String problem) {
    super(operation + ": " + problem);
    this.operation = operation;
    this.errno = null;
    this.kernelMessage = "";
  }

  /** What was tried. */
  public final String operation() {
    return operation;
  }

  /** The kernel's error; null if it was none of the kernel. */
  public final @Nullable Errno errno() {
    return errno;
  }

  /** Whether this is that error of the kernel. */
  public final boolean is(Errno other) {
    return other.equals(errno);
  }

  /** The kernel's own words (extended acknowledgement); empty if there are none. */
  public final String kernelMessage() {
    return kernelMessage;
  }
}
