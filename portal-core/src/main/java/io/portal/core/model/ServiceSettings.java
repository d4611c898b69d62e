package io.portal.core.model;

import io.portal.core.InvalidException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What can be changed of a service while its connections live on.
 *
 * @param scheduler how a server is picked
 * @param persistence how long a client sticks to its server, in whole seconds; zero for not at all
 * @param netmask how clients are grouped for persistence; null where none was given, which means
 *     every client for itself
 */
public record ServiceSettings(
    Scheduler scheduler, Duration persistence, @Nullable Netmask netmask) {

  /** The longest persistence, 31 days. */
  public static final Duration MAX_PERSISTENCE = Duration.ofDays(31);

  /** Default scheduler, no persistence. */
  public static final ServiceSettings DEFAULT =
      new ServiceSettings(Scheduler.DEFAULT, Duration.ZERO, null);

  /**
   * Checks the parts.
   *
   * @throws InvalidException if persistence is negative, too long or not in whole seconds
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
  }

  /**
   * These settings with a netmask in any case: the full one of that family where none was given.
   */
  public ServiceSettings withExplicitNetmask(int addressBits) {
    return netmask != null
        ? this
        : new ServiceSettings(scheduler, persistence, Netmask.full(addressBits));
  }
}
