package io.portal.ipvs;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.util.Locale;

/** What the kernel knows a service by. */
public sealed interface IpvsKey {

  /** The address family. */
  IpvsFamily family();

  /**
   * A service by protocol, address and port.
   *
   * @param protocol the transport protocol
   * @param address the virtual address
   * @param port 0 to 65535; 0 stands for all ports and needs persistence
   */
  record Socket(IpvsProtocol protocol, InetAddress address, int port) implements IpvsKey {

    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if the port is out of range
     */
    public Socket {
      if (port < 0 || port > 65535) {
        throw new IllegalArgumentException("port '" + port + "': must be 0 to 65535");
      }
    }

    @Override
    public IpvsFamily family() {
      return IpvsFamily.of(address);
    }

    @Override
    public String toString() {
      return protocol.name().toLowerCase(Locale.ROOT)
          + " "
          + InetAddresses.toUriString(address)
          + ":"
          + port;
    }
  }

  /**
   * A service by firewall mark.
   *
   * @param family of the packets that are marked
   * @param mark 1 to 2^32-1
   */
  record Mark(IpvsFamily family, long mark) implements IpvsKey {

    /**
     * Checks the mark.
     *
     * @throws IllegalArgumentException if the mark is out of range
     */
    public Mark {
      if (mark < 1 || mark > 0xffffffffL) {
        throw new IllegalArgumentException("mark '" + mark + "': must be 1 to 4294967295");
      }
    }

    @Override
    public String toString() {
      return "fwmark " + mark + (family == IpvsFamily.IPV6 ? " over IPv6" : "");
    }
  }
}
