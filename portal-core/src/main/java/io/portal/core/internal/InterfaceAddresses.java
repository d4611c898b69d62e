package io.portal.core.internal;

import io.portal.core.model.Vip;
import io.portal.core.port.VipException;
import io.portal.core.port.VipManager;
import io.portal.core.state.DesiredState;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the first address of an interface, or the address behind an alias: of a desired vip first,
 * then of what this host has.
 */
public final class InterfaceAddresses {

  private static final Logger log = LoggerFactory.getLogger(InterfaceAddresses.class);

  private final Optional<VipManager> vips;

  /** Asks that manager for interfaces, or the JDK where there is none. */
  public InterfaceAddresses(Optional<VipManager> vips) {
    this.vips = vips;
  }

  /** The first address; empty if the name is not known or has no address. May block. */
  public Optional<InetAddress> first(String interfaceOrAlias, DesiredState state) {
    for (Vip vip : state.vips().values()) {
      if (vip.alias().equals(interfaceOrAlias)) {
        return Optional.of(vip.id().ip().address());
      }
    }
    try {
      return vips.isPresent()
          ? vips.get().firstAddress(interfaceOrAlias)
          : firstOfHost(interfaceOrAlias);
    } catch (VipException | SocketException e) {
      log.warn("the address of interface {} cannot be read: {}", interfaceOrAlias, e.getMessage());
      return Optional.empty();
    }
  }

  private static Optional<InetAddress> firstOfHost(String name) throws SocketException {
    NetworkInterface found = NetworkInterface.getByName(name);
    return found == null
        ? Optional.empty()
        : found.inetAddresses().filter(address -> !address.isLinkLocalAddress()).findFirst();
  }
}
