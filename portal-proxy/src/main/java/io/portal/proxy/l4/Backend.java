package io.portal.proxy.l4;

import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import java.net.InetSocketAddress;

/**
 * A server as connections see it: its settings, how many connections it has, and whether it is
 * overloaded. Guarded by the lock of its {@link VirtualService}, except for the {@link Traffic}.
 *
 * <p>Overload follows {@code ip_vs_bind_dest} and {@code ip_vs_unbind_dest} ({@code
 * net/netfilter/ipvs/ip_vs_conn.c}): it begins when the connections reach the upper threshold and
 * ends when they fall below the lower one, or below three quarters of the upper one where no lower
 * one is set.
 */
final class Backend {

  private final ServerId id;
  private final InetSocketAddress address;
  private final Traffic traffic = new Traffic();
  private ServerSettings settings;
  private int lastWeight;
  private int active;
  private int inactive;
  private int sticking;
  private boolean overloaded;
  private boolean present = true;

  Backend(ServerId id, ServerSettings settings) {
    this.id = id;
    this.address = new InetSocketAddress(id.host(), id.port());
    this.settings = settings;
    this.lastWeight = settings.weight();
  }

  ServerId id() {
    return id;
  }

  InetSocketAddress address() {
    return address;
  }

  Traffic traffic() {
    return traffic;
  }

  ServerSettings settings() {
    return settings;
  }

  /** As {@code __ip_vs_update_dest}: a raised or lifted upper threshold ends an overload. */
  void update(ServerSettings changed) {
    if (changed.upperThreshold() == 0 || changed.upperThreshold() > settings.upperThreshold()) {
      overloaded = false;
    }
    settings = changed;
    if (changed.weight() != 0) {
      lastWeight = changed.weight();
    }
  }

  int weight() {
    return settings.weight();
  }

  /** The weight, or what it was before it became 0 ({@code last_weight} in the kernel). */
  int lastWeight() {
    return lastWeight;
  }

  /** Established connections. */
  int active() {
    return active;
  }

  /** Connections of which one side has ended, and UDP sessions. */
  int inactive() {
    return inactive;
  }

  /** Connections of both kinds. */
  int total() {
    return active + inactive;
  }

  /** Client groups that stick to this server. */
  int sticking() {
    return sticking;
  }

  void stick(int change) {
    sticking += change;
  }

  /** {@code ip_vs_dest_conn_overhead}: an active connection weighs as much as 256 inactive ones. */
  long overhead() {
    return ((long) active << 8) + inactive;
  }

  /** Whether the server still belongs to its service. */
  boolean present() {
    return present;
  }

  void present(boolean newPresent) {
    present = newPresent;
  }

  /** Whether a scheduler may send new connections here. */
  boolean takesNew() {
    return settings.weight() > 0 && !overloaded;
  }

  boolean overloaded() {
    return overloaded;
  }

  /** Counts a new connection. */
  void begin(boolean asActive) {
    if (asActive) {
      active++;
    } else {
      inactive++;
    }
    if (settings.upperThreshold() != 0 && total() >= settings.upperThreshold()) {
      overloaded = true;
    }
  }

  /** An active connection has become inactive. */
  void quiet() {
    active--;
    inactive++;
  }

  /** Counts the end of a connection. */
  void end(boolean wasActive) {
    if (wasActive) {
      active--;
    } else {
      inactive--;
    }
    long upper = settings.upperThreshold();
    long lower = settings.lowerThreshold();
    if (lower != 0) {
      overloaded &= total() >= lower;
    } else {
      overloaded &= upper != 0 && 4L * total() >= 3 * upper;
    }
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
