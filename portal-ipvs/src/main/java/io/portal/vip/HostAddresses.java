package io.portal.vip;

import io.portal.core.model.Addresses;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.netlink.NetlinkException;
import io.portal.netlink.route.Link;
import io.portal.netlink.route.LinkAddress;
import io.portal.netlink.route.RouteClient;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The interfaces and addresses of this host at one moment. Immutable. */
final class HostAddresses {

  private final Map<String, Link> links = new HashMap<>();
  private final Map<Key, LinkAddress> byKey = new HashMap<>();
  private final List<LinkAddress> addresses;

  private HostAddresses(List<Link> links, List<LinkAddress> addresses) {
    links.forEach(link -> this.links.put(link.name(), link));
    addresses.forEach(
        one -> byKey.put(new Key(one.link(), one.address(), one.prefixLength()), one));
    this.addresses = addresses;
  }

  /** What the kernel tells now. */
  static HostAddresses read(RouteClient client) throws NetlinkException {
    return new HostAddresses(client.links(), client.addresses());
  }

  /** The interface of that name. */
  @Nullable Link link(String name) {
    return links.get(name);
  }

  /** The vip's address as it is on its interface. */
  @Nullable LinkAddress find(VipId id) {
    Link link = links.get(id.interfaceName());
    return link == null
        ? null
        : byKey.get(new Key(link.index(), id.ip().address(), id.ip().prefixLength()));
  }

  /** The vip as it is on its interface: the alias is its label, where portal could have set it. */
  Optional<Vip> vip(VipId id) {
    LinkAddress found = find(id);
    if (found == null) {
      return Optional.empty();
    }
    String name = id.interfaceName();
    String label = found.label();
    return Optional.of(new Vip(id, label.equals(name) ? "" : label));
  }

  /**
   * Interfaces on which removing these would make the kernel remove others too: an IPv4 address
   * that was added to a network later goes with the first one.
   */
  Set<Integer> linksThatWouldLoseOthers(List<LinkAddress> removed) {
    Set<Integer> found = new HashSet<>();
    for (LinkAddress one : removed) {
      LinkAddress here = byKey.get(new Key(one.link(), one.address(), one.prefixLength()));
      if (here != null && here.isPrimary() && addresses.stream().anyMatch(a -> follows(a, here))) {
        found.add(one.link());
      }
    }
    return found;
  }

  private static boolean follows(LinkAddress other, LinkAddress primary) {
    return other.isIpv4()
        && !other.isPrimary()
        && other.link() == primary.link()
        && other.prefixLength() == primary.prefixLength()
        && Addresses.contains(primary.address(), primary.prefixLength(), other.address());
  }

  /** The first address of an interface that is not link-local, or the one with that label. */
  Optional<InetAddress> first(String interfaceOrLabel) {
    Link link = links.get(interfaceOrLabel);
    return addresses.stream()
        .filter(
            one ->
                link == null
                    ? one.label().equals(interfaceOrLabel)
                    : one.link() == link.index() && !one.address().isLinkLocalAddress())
        .map(LinkAddress::address)
        .findFirst();
  }

  private record Key(int link, InetAddress address, int prefixLength) {}
}
