package io.portal.ipvs;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** IPVS cannot be used here; the message says why and how to mend it. */
public final class IpvsUnavailableException extends IOException {

  private static final long serialVersionUID = 1L;

  /** Why IPVS cannot be used. */
  public enum Reason {
    /** Not Linux, or not of 64 bits, or its netlink cannot be reached from Java. */
    SYSTEM,
    /** The kernel has no IPVS, or may not load it. */
    KERNEL,
    /** CAP_NET_ADMIN is missing in the initial user namespace. */
    PERMISSION
  }

  private final Reason reason;

  IpvsUnavailableException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why IPVS cannot be used. */
  public Reason reason() {
    return reason;
  }

  static IpvsUnavailableException system(IOException cause) {
    return new IpvsUnavailableException(
        Reason.SYSTEM,
        "IPVS cannot be used on this system ("
            + System.getProperty("os.name")
            + "): "
            + cause.getMessage()
            + "; run on 64-bit Linux, or with another balancer",
        cause);
  }

  static IpvsUnavailableException kernel(@Nullable Throwable cause) {
    return new IpvsUnavailableException(
        Reason.KERNEL,
        "this kernel ("
            + System.getProperty("os.version")
            + ") has no IPVS: load it on the host with 'modprobe ip_vs'; where there is no such"
            + " module, install the kernel's full set of modules or a kernel with CONFIG_IP_VS",
        cause);
  }

  static IpvsUnavailableException permission(Throwable cause) {
    return new IpvsUnavailableException(
        Reason.PERMISSION,
        "no permission to use IPVS: CAP_NET_ADMIN is needed in the initial user namespace; run as"
            + " root of the host (setcap cap_net_admin, --cap-add NET_ADMIN in a container), a"
            + " rootless container never has it",
        cause);
  }
}
