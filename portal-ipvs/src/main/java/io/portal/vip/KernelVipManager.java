package io.portal.vip;

import io.portal.core.InvalidException;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.core.port.VipException;
import io.portal.core.port.VipManager;
import io.portal.netlink.Errno;
import io.portal.netlink.NetlinkException;
import io.portal.netlink.NetlinkFailure;
import io.portal.netlink.route.Link;
import io.portal.netlink.route.LinkAddress;
import io.portal.netlink.route.RouteClient;
import io.portal.netlink.route.RouteEvents;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts vips on this host's interfaces through rtnetlink, announces them to the neighbours, and
 * tells when addresses or interfaces change. Touches no address but those it is told to. Works in
 * the network namespace of the thread that opens it. Thread-safe.
 */
public final class KernelVipManager implements VipManager {

  private static final Logger log = LoggerFactory.getLogger(KernelVipManager.class);

  private final RouteClient client;
  private final Announcer announcer;
  private final VipSettings settings;

  /** Vips that are here: announced again when their interface comes up. */
  private final Set<VipId> here = ConcurrentHashMap.newKeySet();

  private final Set<Integer> running = ConcurrentHashMap.newKeySet();
  private final RouteEvents events;
  private volatile Runnable listener = () -> {};

  private KernelVipManager(RouteClient client, Announcer announcer, VipSettings settings)
      throws NetlinkException {
    this.client = client;
    this.announcer = announcer;
    this.settings = settings;
    for (Link link : client.links()) {
      noteRunning(link);
    }
    events = RouteEvents.open(new Events());
  }

  /**
   * Opens it in the network namespace that the calling thread is in.
   *
   * @throws VipException if that cannot be on this system, or takes root
   */
  public static KernelVipManager open(VipSettings settings) throws VipException {
    List<AutoCloseable> opened = new ArrayList<>();
    try {
      RouteClient client = RouteClient.open();
      opened.add(client);
      PacketSocket socket = PacketSocket.open();
      opened.add(socket);
      return new KernelVipManager(client, new Announcer(socket, settings), settings);
    } catch (IOException e) {
      for (AutoCloseable one : opened) {
        closeQuietly(one);
      }
      throw new VipException("vips cannot be managed: " + e.getMessage(), e);
    }
  }

  private static void closeQuietly(AutoCloseable one) {
    try {
      one.close();
    } catch (Exception e) {
      log.debug("close: {}", e.getMessage());
    }
  }

  @Override
  public void check(Vip vip) {
    try {
      String name = vip.id().interfaceName();
      if (client.links().stream().noneMatch(link -> link.name().equals(name))) {
        throw InvalidException.field("interface", name, "an interface of this host");
      }
    } catch (NetlinkException e) {
      log.debug("{} is not checked: {}", vip.id(), e.getMessage()); // to be told when it is applied
    }
  }

  @Override
  public Map<VipId, Vip> observe(Collection<VipId> vips) throws VipException {
    HostAddresses host = read();
    Map<VipId, Vip> observed = new HashMap<>();
    for (VipId id : vips) {
      host.vip(id).ifPresent(vip -> observed.put(id, vip));
    }
    here.addAll(observed.keySet());
    here.removeIf(id -> vips.contains(id) && !observed.containsKey(id));
    return observed;
  }

  private static VipException failed(NetlinkException e) {
    return new VipException(String.valueOf(e.getMessage()), e);
  }

  private HostAddresses read() throws VipException {
    try {
      return HostAddresses.read(client);
    } catch (NetlinkException e) {
      throw failed(e);
    }
  }

  @Override
  public List<Failure> apply(Collection<Vip> remove, Collection<Vip> add) throws VipException {
    HostAddresses host = read();
    List<Failure> failures = new ArrayList<>();
    List<Vip> vips = new ArrayList<>();
    List<LinkAddress> removed = new ArrayList<>();
    for (Vip vip : remove) {
      LinkAddress there = host.find(vip.id());
      if (there != null) {
        vips.add(vip);
        removed.add(there);
      }
    }
    List<LinkAddress> added = new ArrayList<>();
    for (Vip vip : add) {
      Link link = host.link(vip.id().interfaceName());
      if (link == null) {
        failures.add(new Failure(vip, "add address: there is no such interface"));
      } else {
        vips.add(vip);
        added.add(address(vip, link));
      }
    }
    try {
      for (int link : host.linksThatWouldLoseOthers(removed)) {
        client.promoteSecondaries(link);
      }
      failures.addAll(settle(vips, removed, added, host));
    } catch (NetlinkException e) {
      throw failed(e);
    }
    return failures;
  }

  private LinkAddress address(Vip vip, Link link) {
    LinkAddress address =
        new LinkAddress(
            link.index(), vip.id().ip().address(), vip.id().ip().prefixLength(), vip.label());
    return settings.detectDuplicates() ? address : address.withoutDuplicateDetection();
  }

  private List<Failure> settle(
      List<Vip> vips, List<LinkAddress> removed, List<LinkAddress> added, HostAddresses host)
      throws NetlinkException {
    removed.forEach(address -> announcer.cancel(address.address()));
    Map<Integer, NetlinkFailure> refused = new HashMap<>();
    for (NetlinkFailure failure : client.change(removed, added)) {
      refused.put(failure.index(), failure);
    }
    List<Failure> failures = new ArrayList<>();
    for (int i = 0; i < vips.size(); i++) {
      Vip vip = vips.get(i);
      boolean adds = i >= removed.size();
      NetlinkFailure failure = refused.get(i);
      if (failure != null && (adds || !isGone(failure))) {
        failures.add(new Failure(vip, (adds ? "add" : "remove") + " address: " + failure));
      } else if (adds) {
        here.add(vip.id());
        announce(vip.id(), host.link(vip.id().interfaceName()));
      } else {
        here.remove(vip.id());
      }
    }
    return failures;
  }

  /** Somebody else was faster. */
  private static boolean isGone(NetlinkFailure failure) {
    return failure.errno().equals(Errno.EADDRNOTAVAIL) || failure.errno().equals(Errno.ENODEV);
  }

  private void announce(VipId vip, @Nullable Link link) {
    if (link != null) {
      announcer.announce(link, vip.ip().address());
    }
  }

  @Override
  public Optional<InetAddress> firstAddress(String interfaceOrAlias) throws VipException {
    return read().first(interfaceOrAlias);
  }

  @Override
  public void onChange(Runnable changed) {
    listener = changed;
  }

  /** Notes whether an interface is running; answers whether it was not before and now is. */
  private boolean noteRunning(Link link) {
    if (link.isRunning()) {
      return running.add(link.index());
    }
    running.remove(link.index());
    return false;
  }

  @Override
  public void close() {
    events.close();
    announcer.close();
    client.close();
  }

  private final class Events implements RouteEvents.Listener {

    @Override
    public void linkChanged(Link link) {
      if (noteRunning(link)) {
        for (VipId vip : here) {
          if (vip.interfaceName().equals(link.name())) {
            announcer.announce(link, vip.ip().address());
          }
        }
      }
    }

    @Override
    public void changed() {
      listener.run();
    }
  }
}
