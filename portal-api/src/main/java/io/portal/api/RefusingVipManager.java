package io.portal.api;

import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.core.port.VipException;
import io.portal.core.port.VipManager;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts no vip anywhere and says why; still finds the addresses of interfaces. Thread-safe.
 *
 * @param reason why this host's addresses cannot be changed
 */
record RefusingVipManager(String reason) implements VipManager {

  @Override
  public Map<VipId, Vip> observe(Collection<VipId> vips) {
    return Map.of();
  }

  @Override
  public List<Failure> apply(Collection<Vip> remove, Collection<Vip> add) {
    return add.stream().map(vip -> new Failure(vip, reason)).toList();
  }

  @Override
  public Optional<InetAddress> firstAddress(String interfaceOrAlias) throws VipException {
    try {
      NetworkInterface found = NetworkInterface.getByName(interfaceOrAlias);
      return found == null
          ? Optional.empty()
          : found.inetAddresses().filter(address -> !address.isLinkLocalAddress()).findFirst();
    } catch (SocketException e) {
      throw new VipException("read addresses of " + interfaceOrAlias + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {}
}
