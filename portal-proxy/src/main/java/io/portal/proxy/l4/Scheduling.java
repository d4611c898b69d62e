package io.portal.proxy.l4;

import io.portal.core.model.Scheduler;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Picks the server of a new connection. Every implementation behaves as the kernel's of the same
 * name ({@code net/netfilter/ipvs/ip_vs_*.c}), over servers in the order in which they were added.
 * Not thread-safe: the service's lock is held around every call.
 */
interface Scheduling {

  /** The server for that connection; null when none may take it. */
  @Nullable Backend pick(List<Backend> servers, Flow flow);

  /** Tells that servers came, went, or changed their weights. */
  default void changed(List<Backend> servers) {}

  /** The kernel's scheduler of that name. */
  static Scheduling of(Scheduler scheduler, LongSupplier nanoTime) {
    return switch (scheduler) {
      case RR -> new RoundRobin();
      case WRR -> new WeightedRoundRobin();
      case LC -> LeastLoad.lc();
      case WLC -> LeastLoad.wlc();
      case LBLC -> new Locality(nanoTime);
      case LBLCR -> new ReplicatedLocality(nanoTime);
      case DH -> HashTable.dh();
      case SH -> HashTable.sh();
      case SED -> LeastLoad.sed();
      case NQ -> LeastLoad.nq();
      case FO -> new Failover();
      case OVF -> new Overflow();
      case MH -> new Maglev();
      case TWOS -> new TwoChoices(bound -> ThreadLocalRandom.current().nextLong(bound));
    };
  }
}
