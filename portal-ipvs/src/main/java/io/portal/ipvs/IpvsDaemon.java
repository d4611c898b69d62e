package io.portal.ipvs;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A daemon that sends or receives connections to and from other directors.
 *
 * @param role whether it sends or receives
 * @param interfaceName interface for multicast, 1 to 15 characters
 * @param syncId 0 to 255; a backup takes messages of its id only, of all with 0
 * @param maxLength bytes of a message; 0 for the kernel's default
 * @param group multicast group; null for the kernel's default
 * @param port UDP port, 0 to 65535; 0 for the kernel's default
 * @param ttl time to live, 0 to 255; 0 for the kernel's default
 */
public record IpvsDaemon(
    Role role,
    String interfaceName,
    int syncId,
    int maxLength,
    @Nullable InetAddress group,
    int port,
    int ttl) {

  /** IP_VS_STATE_* in include/uapi/linux/ip_vs.h. */
  public enum Role {
    /** Sends. */
    MASTER(1),
    /** Receives. */
    BACKUP(2);

    private final int wire;

    Role(int wire) {
      this.wire = wire;
    }

    int wire() {
      return wire;
    }

    static Role ofWire(long value) {
      return value == BACKUP.wire ? BACKUP : MASTER;
    }
  }

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException naming the field, the value and what is allowed
   */
  public IpvsDaemon {
    if (interfaceName.isEmpty()
        || interfaceName.length() > IpvsConstants.INTERFACE_MAX_LENGTH
        || interfaceName.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "interface '" + interfaceName + "': must be a name of 1 to 15 characters");
    }
    check("sync id", syncId, 255);
    check("message length", maxLength, 65535);
    check("port", port, 65535);
    check("ttl", ttl, 255);
    if (group != null && !group.isMulticastAddress()) {
      throw new IllegalArgumentException(
          "group '" + group.getHostAddress() + "': must be a multicast address");
    }
  }

  /** A daemon with the kernel's defaults. */
  public static IpvsDaemon of(Role role, String interfaceName, int syncId) {
    return new IpvsDaemon(role, interfaceName, syncId, 0, null, 0, 0);
  }

  private static void check(String field, int value, int max) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(field + " '" + value + "': must be 0 to " + max);
    }
  }
}
