package io.portal.ipvs;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A virtual service's identity and settings; what it counts is apart, in {@link IpvsServiceEntry}.
 * The kernel takes nonsense without a word, so this does not.
 *
 * @param key what it is known by
 * @param scheduler the kernel's name of the scheduler, such as {@code wlc}; 1 to 15 characters
 * @param flags further traits
 * @param persistence how long a client sticks to its destination, in whole seconds, at least one;
 *     null if it does not
 * @param netmask how clients are grouped for persistence; kept by the kernel also without
 * @param persistenceEngine name of a persistence engine such as {@code sip}; null for none
 */
public record IpvsService(
    IpvsKey key,
    String scheduler,
    Set<IpvsFlag> flags,
    @Nullable Duration persistence,
    IpvsNetmask netmask,
    @Nullable String persistenceEngine) {

  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException naming the field, the value and what is allowed
   */
  public IpvsService {
    checkName("scheduler", scheduler);
    if (persistenceEngine != null) {
      checkName("persistence engine", persistenceEngine);
    }
    if (persistence != null
        && (persistence.toNanosPart() != 0
            || persistence.toSeconds() < 0
            || persistence.toSeconds() > 0xffffffffL)) {
      throw new IllegalArgumentException(
          "persistence '" + persistence + "': must be whole seconds, 1 to 4294967295");
    }
    if (netmask.family() != key.family()) {
      throw new IllegalArgumentException(
          "netmask of " + netmask.family() + ": must be of the service's family, " + key.family());
    }
    flags = Set.copyOf(flags);
  }

  /** A service without persistence or flags. */
  public static IpvsService of(IpvsKey key, String scheduler) {
    return new IpvsService(key, scheduler, Set.of(), null, IpvsNetmask.full(key.family()), null);
  }

  /** This service with other flags. */
  public IpvsService withFlags(IpvsFlag... newFlags) {
    return new IpvsService(
        key, scheduler, Set.of(newFlags), persistence, netmask, persistenceEngine);
  }

  /** This service with persistence. */
  public IpvsService withPersistence(Duration timeout, IpvsNetmask newNetmask) {
    return new IpvsService(key, scheduler, flags, timeout, newNetmask, persistenceEngine);
  }

  /** This service with a persistence engine. */
  public IpvsService withPersistenceEngine(@Nullable String name) {
    return new IpvsService(key, scheduler, flags, persistence, netmask, name);
  }

  /**
   * Refuses what the kernel would take but never balance by. Not in the constructor, because a
   * kernel may hold it.
   */
  void checkSendable() {
    if (key instanceof IpvsKey.Socket socket) {
      if (socket.protocol() == IpvsProtocol.OTHER) {
        throw new IllegalArgumentException("protocol 'OTHER': must be TCP, UDP or SCTP");
      }
      if (socket.port() == 0 && persistence == null) {
        throw new IllegalArgumentException("port '0': must be 1 to 65535 without persistence");
      }
      if (flags.contains(IpvsFlag.ONE_PACKET) && socket.protocol() != IpvsProtocol.UDP) {
        throw new IllegalArgumentException("flag ONE_PACKET: must be of a udp service");
      }
    }
    if (netmask.family() == IpvsFamily.IPV6 && netmask.value() == 0) {
      throw new IllegalArgumentException("netmask '0': must be 1 to 128");
    }
    if (persistence != null && persistence.isZero()) {
      throw new IllegalArgumentException("persistence '0': must be 1 second or more");
    }
  }

  private static void checkName(String field, String name) {
    if (name.isEmpty()
        || name.length() > IpvsConstants.NAME_MAX_LENGTH
        || !name.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new IllegalArgumentException(
          field + " '" + name + "': must be a name of 1 to 15 characters");
    }
  }
}
