package io.portal.core.model;

import io.portal.core.InvalidException;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What can be changed of a service while its connections live on.
 *
 * @param scheduler how a server is picked
 * @param persistence how long a client sticks to its server, in whole seconds; zero for not at all
 * @param netmask how clients are grouped for persistence; null where none was given, which means
 *     every client for itself
 * @param flags further traits, in the order of {@link ServiceFlag}
 * @param engine what a client is known by for persistence; null for its address
 */
public record ServiceSettings(
    Scheduler scheduler,
    Duration persistence,
    @Nullable Netmask netmask,
    Set<ServiceFlag> flags,
    @Nullable PersistenceEngine engine) {

  /** The longest persistence, 31 days. */
  public static final Duration MAX_PERSISTENCE = Duration.ofDays(31);

  /** Default scheduler, no persistence. */
  public static final ServiceSettings DEFAULT =
      new ServiceSettings(Scheduler.DEFAULT, Duration.ZERO, null);

  /**
   * Checks the parts.
   *
   * @throws InvalidException if persistence is negative, too long or not in whole seconds, a flag
   *     does not fit the scheduler, or an engine has no persistence to work for
   */
  public ServiceSettings {
    if (persistence.isNegative()
        || persistence.compareTo(MAX_PERSISTENCE) > 0
        || persistence.getNano() != 0) {
      throw InvalidException.field(
          "persistence",
          persistence.toSeconds(),
          "0 to " + MAX_PERSISTENCE.toSeconds() + " seconds");
    }
    for (ServiceFlag flag : flags) {
      if (flag.scheduler() != null && flag.scheduler() != scheduler) {
        throw InvalidException.field(
            "flags",
            flag,
            "one that fits: it is of scheduler " + flag.scheduler() + ", not of " + scheduler);
      }
    }
    if (engine != null && persistence.isZero()) {
      throw InvalidException.field("pe", engine, "empty without persistence, or with persistence");
    }
    flags = flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(flags));
  }

  /** Settings without flags and engine. */
  public ServiceSettings(Scheduler scheduler, Duration persistence, @Nullable Netmask netmask) {
    this(scheduler, persistence, netmask, Set.of(), null);
  }

  /**
   * These settings with a netmask in any case: the full one of that family where none was given.
   */
  public ServiceSettings withExplicitNetmask(int addressBits) {
    return netmask != null ? this : withNetmask(Netmask.full(addressBits));
  }

  /** These settings with that flag too. */
  public ServiceSettings withFlag(ServiceFlag flag) {
    EnumSet<ServiceFlag> more = EnumSet.of(flag);
    more.addAll(flags);
    return new ServiceSettings(scheduler, persistence, netmask, more, engine);
  }

  /** These settings with another scheduler, which the flags must fit. */
  public ServiceSettings withScheduler(Scheduler newScheduler) {
    return new ServiceSettings(newScheduler, persistence, netmask, flags, engine);
  }

  /** These settings with another netmask; null for none. */
  public ServiceSettings withNetmask(@Nullable Netmask newNetmask) {
    return new ServiceSettings(scheduler, persistence, newNetmask, flags, engine);
  }
}
