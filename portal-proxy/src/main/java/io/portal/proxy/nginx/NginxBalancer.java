package io.portal.proxy.nginx;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.portal.core.InvalidException;
import io.portal.core.model.Server;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.BalancerException;
import io.portal.core.port.ObservedService;
import io.portal.core.port.ServerStats;
import io.portal.core.port.ServiceStats;
import io.portal.core.port.TrafficStats;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Balances TCP and UDP through nginx's stream module. Services are written to {@code
 * portal-nginx.conf}, behind the operator's {@code portal-nginx-primer.conf}; a list of changes
 * makes one check ({@code nginx -t}) and one reload, however long it is. What nginx refuses is not
 * left on disk.
 *
 * <p>The file on disk is what is observed: an edit behind portal's back shows as a difference, also
 * one of the primer, which is taken up by the next change. Connections of services that stay live
 * on through reloads in nginx's old workers. nginx counts nothing per server, so {@link #stats} are
 * zeros. docs/nginx.md tells which directives stand for what.
 *
 * <p>Thread-safe as {@link Balancer} says. {@link #apply} blocks for the check and the reload, most
 * often some tenths of a second.
 */
public final class NginxBalancer implements Balancer {

  private static final Logger log = LoggerFactory.getLogger(NginxBalancer.class);

  private final NginxInstallation installation;
  private final NginxFile file;
  private final NginxMaster master;

  private NginxBalancer(NginxInstallation installation) {
    this.installation = installation;
    this.file = new NginxFile(installation);
    this.master = new NginxMaster(installation, file);
  }

  /**
   * Adopts the nginx that runs with portal's configuration, or starts one.
   *
   * @throws BalancerException naming what is missing or what nginx said: no nginx, no stream
   *     module, a primer that it does not take
   */
  public static NginxBalancer open(NginxOptions options) throws BalancerException {
    try {
      Files.createDirectories(options.workDir());
    } catch (IOException failed) {
      throw new BalancerException("cannot make " + options.workDir() + ": " + failed, failed);
    }
    NginxBalancer balancer = new NginxBalancer(NginxInstallation.find(options));
    try {
      balancer.open();
      return balancer;
    } catch (BalancerException | RuntimeException failed) {
      balancer.master.close();
      throw failed;
    }
  }

  private void open() throws BalancerException {
    NginxConfig.Read before = file.read();
    if (master.adopt()) {
      takeUp(before);
      return;
    }
    if (!before.text().isEmpty()) {
      try {
        master.start();
        return;
      } catch (BalancerException refused) {
        log.warn(
            "{} as it was left cannot be used, starting without services: {}",
            installation.options().config(),
            refused.getMessage());
      }
    }
    try {
      file.write(new NginxConfig(installation.head(), Map.of()).render());
    } catch (NginxRefusal refusal) {
      throw new BalancerException(refusal.reason(), refusal);
    }
    master.start();
  }

  /** What is on disk may not be what the adopted nginx has loaded. */
  private void takeUp(NginxConfig.Read before) {
    if (before.text().isEmpty()) {
      return;
    }
    try {
      master.reload();
    } catch (BalancerException refused) {
      log.warn(
          "{} as it was left cannot be used, nginx goes on with what it has: {}",
          installation.options().config(),
          refused.getMessage());
    }
  }

  @Override
  public String name() {
    return "nginx";
  }

  @Override
  public void check(Service service) {
    refuse(NginxRules.refuse(service.id()));
    refuse(NginxRules.refuse(service.type(), service.settings()));
    for (Server server : service.servers()) {
      refuse(NginxRules.refuse(server.id()));
      refuse(NginxRules.refuse(service.settings(), server.settings()));
    }
  }

  private static void refuse(NginxRules.@Nullable Refusal refusal) {
    if (refusal != null) {
      throw InvalidException.field(refusal.field(), refusal.value(), refusal.allowed());
    }
  }

  @Override
  public Map<ServiceId, ObservedService> observe() throws BalancerException {
    Map<ServiceId, NginxService> services = running().services();
    return observed(services.keySet());
  }

  @Override
  public Map<ServiceId, ObservedService> observe(Collection<ServiceId> ids)
      throws BalancerException {
    return observed(ids);
  }

  private Map<ServiceId, ObservedService> observed(Collection<ServiceId> ids)
      throws BalancerException {
    NginxConfig.Read read = running();
    // An edit outside of all services is shown at the first: any change writes the file anew.
    boolean whole =
        read.services().isEmpty()
            || new NginxConfig(installation.head(), read.services()).render().equals(read.text());
    ImmutableMap.Builder<ServiceId, ObservedService> observed = ImmutableMap.builder();
    for (ServiceId id : ids) {
      NginxService service = read.services().get(id);
      if (service != null) {
        observed.put(id, service.observed(whole || !id.equals(read.services().firstKey())));
      }
    }
    return observed.buildKeepingLast();
  }

  /** What is on disk, if nginx runs. */
  private NginxConfig.Read running() throws BalancerException {
    Optional<String> down = master.down();
    if (down.isPresent()) {
      throw new BalancerException("nginx does not run: " + down.get());
    }
    return file.read();
  }

  @Override
  public synchronized List<Failure> apply(List<? extends BalancerChange> changes)
      throws BalancerException {
    NginxConfig.Read before = file.read();
    Map<ServiceId, String> refused = new HashMap<>();
    while (true) {
      NginxChanges.Outcome outcome = NginxChanges.make(before.services(), changes, refused);
      NginxConfig config = new NginxConfig(installation.head(), outcome.services());
      String text = config.render();
      boolean nothing = outcome.failures().size() == changes.size();
      if (nothing || (text.equals(before.text()) && master.down().isEmpty())) {
        return outcome.failures();
      }
      try {
        install(text, before);
        return outcome.failures();
      } catch (NginxRefusal refusal) {
        Set<ServiceId> changed =
            changes.stream().map(BalancerChange::service).collect(Collectors.toSet());
        Set<ServiceId> culprits = new HashSet<>(refusal.culprits(config));
        culprits.retainAll(changed);
        culprits.removeAll(refused.keySet());
        // With nobody in particular to blame, nothing is changed.
        (culprits.isEmpty() ? changed : culprits)
            .forEach(id -> refused.putIfAbsent(id, refusal.reason(id)));
      }
    }
  }

  private void install(String text, NginxConfig.Read before)
      throws NginxRefusal, BalancerException {
    file.write(text);
    try {
      master.reload();
    } catch (BalancerException refused) {
      file.restore(before);
      throw new NginxRefusal(String.valueOf(refused.getMessage()));
    }
  }

  @Override
  public Map<ServiceId, ServiceStats> stats(Collection<ServiceId> ids) throws BalancerException {
    Map<ServiceId, NginxService> services = file.read().services();
    ServerStats none = new ServerStats(0, 0, 0, TrafficStats.NONE);
    ImmutableMap.Builder<ServiceId, ServiceStats> stats = ImmutableMap.builder();
    for (ServiceId id : ids) {
      NginxService service = services.get(id);
      if (service != null) {
        stats.put(
            id,
            new ServiceStats(
                id,
                TrafficStats.NONE,
                ImmutableMap.copyOf(Maps.transformValues(service.servers(), any -> none))));
      }
    }
    return stats.buildKeepingLast();
  }

  /** Stops the nginx that portal started; one given by its pid file goes on. */
  @Override
  public void close() {
    master.close();
  }
}
