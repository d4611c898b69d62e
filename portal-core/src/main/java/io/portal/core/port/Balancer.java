package io.portal.core.port;

import io.portal.core.InvalidException;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Spreads connections of services over their servers. All methods may block (never call them on an
 * event loop). {@link #apply} is called by one thread at a time; the others may be called by any
 * thread at any time.
 */
public interface Balancer extends AutoCloseable {

  /** Name for logs and messages: {@code IPVS}, {@code nginx}, {@code userspace}. */
  String name();

  /**
   * Whether what it holds may be another program's: a kernel's table is everybody's, a
   * configuration of portal's own is not.
   */
  default boolean shared() {
    return false;
  }

  /**
   * Refuses what this balancer cannot do, before anything is stored.
   *
   * @throws InvalidException naming the field, the value and why
   */
  default void check(Service service) {}

  /**
   * What a service is to have while some of its servers drain, so that none of its new clients is
   * refused: with {@code sh}, {@code mh} and {@code dh} the kernel refuses the clients that hash to
   * a server of weight 0.
   *
   * @param settings what the service has otherwise
   */
  default ServiceSettings whileDraining(ServiceSettings settings) {
    return settings;
  }

  /**
   * Everything that is there.
   *
   * @throws BalancerException if it cannot be found out
   */
  Map<ServiceId, ObservedService> observe() throws BalancerException;

  /**
   * What is there of these services; those that are absent are missing in the answer. Costs in
   * proportion to what was asked for.
   *
   * @throws BalancerException if it cannot be found out
   */
  Map<ServiceId, ObservedService> observe(Collection<ServiceId> services) throws BalancerException;

  /**
   * Carries out the changes in their order. A change that fails does not stop those behind it; the
   * answer has one entry for each that failed, in order, and is empty when all went well. What is
   * added and already there, or removed and not there, is a failure ({@code EEXIST}, {@code
   * ENOENT}): the caller observes again.
   *
   * @throws BalancerException if nothing is known of the outcome
   */
  List<Failure> apply(List<? extends BalancerChange> changes) throws BalancerException;

  /**
   * Counters of these services; absent ones are missing in the answer.
   *
   * @throws BalancerException if they cannot be read
   */
  Map<ServiceId, ServiceStats> stats(Collection<ServiceId> services) throws BalancerException;

  /**
   * Counters of all services without those of their servers, which may cost far less than {@link
   * #stats}: one question to a kernel, not one for each service.
   *
   * @throws BalancerException if they cannot be read
   */
  default Map<ServiceId, TrafficStats> traffic() throws BalancerException {
    Map<ServiceId, TrafficStats> traffic = new LinkedHashMap<>();
    stats(observe().keySet()).forEach((id, stats) -> traffic.put(id, stats.traffic()));
    return traffic;
  }

  /**
   * Lets go of sockets and threads. What is balanced in a kernel stays; what this process balances
   * itself ends.
   */
  @Override
  void close();

  /**
   * A change that was refused.
   *
   * @param change the change
   * @param error the reason, an errno's name first where there is one
   */
  record Failure(BalancerChange change, String error) {}
}
