package io.portal.core.model;

import io.portal.core.InvalidException;
import java.net.Inet4Address;

/**
 * An address that portal puts on an interface and announces.
 *
 * @param id address and interface
 * @param ip the address as the user wrote it, such as {@code 10.0.0.1} without a prefix, which is
 *     how it is stored and shown: a client compares it with what it sent
 * @param alias the label, such as {@code eth0:1} or {@code web}; empty for none. A service may name
 *     it as its interface. The kernel takes any (it is {@code iproute2} that wants the interface's
 *     name at its start).
 */
public record Vip(VipId id, String ip, String alias) {

  /** Longest name of an interface or label, {@code IFNAMSIZ - 1} in {@code linux/if.h}. */
  public static final int MAX_NAME = 15;

  /**
   * Checks the parts.
   *
   * @throws InvalidException if the text is of another address, a name is empty or too long, or a
   *     name or the alias has a character that the kernel's names cannot have
   */
  public Vip {
    if (!InterfaceAddress.parse(ip).equals(id.ip())) {
      throw InvalidException.field("ip", ip, "the address of the vip, " + id.ip());
    }
    String name = id.interfaceName();
    if (name.isEmpty() || name.length() > MAX_NAME || name.contains("/") || name.contains(" ")) {
      throw InvalidException.field(
          "interface", name, "an interface's name of 1 to " + MAX_NAME + " characters");
    }
    if (alias.length() > MAX_NAME || alias.contains("/") || alias.contains(" ")) {
      throw InvalidException.field(
          "alias",
          alias,
          "at most " + MAX_NAME + " characters, without spaces or slashes, such as " + name + ":1");
    }
  }

  /** A vip whose address is written with its prefix. */
  public Vip(VipId id, String alias) {
    this(id, id.ip().toString(), alias);
  }

  /** The label that the kernel is given: the interface's name where there is no alias. */
  public String label() {
    return alias.isEmpty() ? id.interfaceName() : alias;
  }

  /**
   * Whether the two are the same to the kernel, which labels IPv4 addresses only: the alias of an
   * IPv6 address is known to portal alone.
   */
  public boolean sameOnHost(Vip other) {
    return id.equals(other.id)
        && (!(id.ip().address() instanceof Inet4Address) || label().equals(other.label()));
  }
}
