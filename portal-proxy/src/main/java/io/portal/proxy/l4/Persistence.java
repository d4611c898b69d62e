package io.portal.proxy.l4;

import io.portal.core.model.Netmask;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which server each group of clients sticks to. An entry lasts until its time is up, which every
 * new connection starts anew, and never ends before the group's last connection does. Guarded by
 * the service's lock.
 *
 * <p>As in the kernel an overloaded server keeps the clients that stick to it. Other than in the
 * kernel's default ({@code expire_quiescent_template=0}), weight 0 frees them, so that a server can
 * be drained.
 */
final class Persistence {

  /** A group's server and how many connections hold it. */
  static final class Entry {
    private Backend backend;
    private long expiresAt;
    private int held;

    Entry(Backend backend) {
      this.backend = backend;
    }
  }

  private final Duration timeout;
  private final Netmask netmask;
  private final Netmask full;

  /** In the order in which their times are up. */
  private final Map<InetAddress, Entry> entries = new LinkedHashMap<>();

  Persistence(Duration timeout, Netmask netmask) {
    this.timeout = timeout;
    this.netmask = netmask;
    this.full = Netmask.full(netmask.bits());
  }

  Duration timeout() {
    return timeout;
  }

  Netmask netmask() {
    return netmask;
  }

  /** The server that this client sticks to; null for none. */
  @Nullable Backend find(Flow flow, long now) {
    expire(now);
    Entry entry = entries.get(group(flow.client()));
    if (entry == null) {
      return null;
    }
    Backend backend = entry.backend;
    return backend.present() && backend.weight() > 0 && backend != flow.refused() ? backend : null;
  }

  /** Makes the client stick to that server from now on; the connection holds the entry. */
  Entry hold(InetAddress client, Backend backend, long now) {
    InetAddress group = group(client);
    Entry entry = entries.remove(group);
    if (entry == null) {
      entry = new Entry(backend);
      backend.stick(1);
    } else if (entry.backend != backend) {
      entry.backend.stick(-1);
      entry.backend = backend;
      backend.stick(1);
    }
    entry.held++;
    entry.expiresAt = now + timeout.toNanos();
    entries.put(group, entry);
    return entry;
  }

  /** A connection that held the entry has ended. */
  static void release(Entry entry) {
    entry.held--;
  }

  /** Forgets the clients of a server that is gone. */
  void forget(Backend backend) {
    entries.values().removeIf(entry -> entry.backend == backend);
    backend.stick(-backend.sticking());
  }

  /** Forgets everybody. */
  void clear() {
    entries.values().forEach(entry -> entry.backend.stick(-1));
    entries.clear();
  }

  /** Drops entries whose time is up. */
  void expire(long now) {
    while (!entries.isEmpty()) {
      Map.Entry<InetAddress, Entry> oldest = entries.entrySet().iterator().next();
      Entry entry = oldest.getValue();
      if (now - entry.expiresAt < 0) {
        return;
      }
      entries.remove(oldest.getKey());
      if (entry.held == 0) {
        entry.backend.stick(-1);
      } else {
        entry.expiresAt = now + timeout.toNanos();
        entries.put(oldest.getKey(), entry);
      }
    }
  }

  /** The mask's byte at that place. */
  private byte mask(int place) {
    if (netmask.bits() == 32) {
      return (byte) (netmask.value() >> 24 - 8 * place);
    }
    int kept = Math.max(0, Math.min(8, (int) netmask.value() - place * 8));
    return (byte) (0xff00 >> kept);
  }

  private InetAddress group(InetAddress client) {
    byte[] bytes = client.getAddress();
    if (netmask.equals(full)) {
      return client;
    }
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] &= mask(i);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
