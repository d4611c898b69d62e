package io.portal.core.port;

import io.portal.core.InvalidException;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts addresses on interfaces. All methods may block (never call them on an event loop). */
public interface VipManager extends AutoCloseable {

  /**
   * Refuses what cannot be put on an interface of this host, before anything is stored.
   *
   * @throws InvalidException naming the field, the value and why
   */
  default void check(Vip vip) {}

  /**
   * Which of these are there, with the alias they really have. Other addresses are never reported.
   *
   * @throws VipException if it cannot be found out
   */
  Map<VipId, Vip> observe(Collection<VipId> vips) throws VipException;

  /**
   * Removes and adds addresses; those added are announced to the neighbours. A change that fails
   * does not stop the others.
   *
   * @return one entry for each that failed, empty when all went well
   * @throws VipException if nothing is known of the outcome
   */
  List<Failure> apply(Collection<Vip> remove, Collection<Vip> add) throws VipException;

  /** The first address of an interface, or of the alias of an address; empty if there is none. */
  Optional<InetAddress> firstAddress(String interfaceOrAlias) throws VipException;

  /**
   * Calls the listener, from any thread, when addresses or interfaces of this host change. The
   * listener returns at once. There is at most one listener.
   */
  default void onChange(Runnable listener) {}

  /** Lets go of sockets and threads; addresses stay. */
  @Override
  void close();

  /**
   * A vip that could not be added or removed.
   *
   * @param vip the vip
   * @param error what was tried and why it failed, an errno's name in it where there is one
   */
  record Failure(Vip vip, String error) {}
}
