package io.portal.core.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.Forwarder;
import io.portal.core.model.Netmask;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.BalancerChange.AddServer;
import io.portal.core.port.BalancerChange.AddService;
import io.portal.core.port.BalancerChange.RemoveServer;
import io.portal.core.port.BalancerChange.RemoveService;
import io.portal.core.port.BalancerChange.UpdateServer;
import io.portal.core.port.BalancerChange.UpdateService;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Balancer} must do. An implementation's test extends this and says how one is
 * made and which addresses it may use.
 */
public abstract class BalancerContract {

  /** Masquerading, so that any server port goes with any service port. */
  protected static final ServerSettings ONE = new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0);

  private Balancer balancer;
  private ServiceId web;
  private ServiceId dns;
  private ServerId first;
  private ServerId second;

  /** An empty balancer. */
  protected abstract Balancer create() throws Exception;

  /** An address of this host that services may be bound to. */
  protected InetAddress serviceAddress() throws Exception {
    return InetAddress.getByName("127.0.0.1");
  }

  /** A port that nothing listens on, another one for each number from 0 to 99. */
  protected int servicePort(int number) throws Exception {
    return 23000 + number;
  }

  /** Schedulers that this balancer knows on this host. */
  protected List<Scheduler> schedulers() {
    return List.of(Scheduler.values());
  }

  /** Whether lower thresholds can be set. */
  protected boolean lowerThresholds() {
    return true;
  }

  @BeforeEach
  void createBalancer() throws Exception {
    balancer = create();
    web = new ServiceId(ServiceType.TCP, serviceAddress(), servicePort(0));
    dns = new ServiceId(ServiceType.UDP, serviceAddress(), servicePort(1));
    first = new ServerId(serviceAddress(), servicePort(50));
    second = new ServerId(serviceAddress(), servicePort(51));
  }

  @AfterEach
  void closeBalancer() throws Exception {
    List<BalancerChange> rest = new ArrayList<>();
    balancer.observe().keySet().forEach(id -> rest.add(new RemoveService(id)));
    balancer.apply(rest);
    balancer.close();
  }

  private static ServiceSettings settings(Scheduler scheduler) {
    return new ServiceSettings(scheduler, Duration.ZERO, Netmask.full(32));
  }

  private void applyAll(BalancerChange... changes) throws BalancerException {
    assertThat(balancer.apply(List.of(changes))).isEmpty();
  }

  @Test
  void isEmptyAtFirst() throws Exception {
    assertThat(balancer.observe()).isEmpty();
    assertThat(balancer.observe(List.of(web))).isEmpty();
    assertThat(balancer.stats(List.of(web))).isEmpty();
    assertThat(balancer.name()).isNotBlank();
  }

  @Test
  void observesWhatWasApplied() throws Exception {
    ServerSettings heavy = new ServerSettings(Forwarder.MASQUERADING, 7, 0, 0);
    applyAll(
        new AddService(web, settings(Scheduler.RR)),
        new AddServer(web, first, ONE),
        new AddServer(web, second, heavy),
        new AddService(dns, settings(Scheduler.WLC)));

    Map<ServiceId, ObservedService> all = balancer.observe();

    assertThat(all).containsOnlyKeys(web, dns);
    assertThat(all.get(web).settings()).contains(settings(Scheduler.RR));
    assertThat(all.get(web).servers())
        .containsOnly(Map.entry(first, Optional.of(ONE)), Map.entry(second, Optional.of(heavy)));
    assertThat(all.get(dns).settings()).contains(settings(Scheduler.WLC));
    assertThat(all.get(dns).servers()).isEmpty();
    assertThat(balancer.observe(List.of(dns))).isEqualTo(Map.of(dns, all.get(dns)));
  }

  @Test
  void keepsEverySchedulerApart() throws Exception {
    int number = 10;
    for (Scheduler scheduler : schedulers()) {
      ServiceId id = new ServiceId(ServiceType.TCP, serviceAddress(), servicePort(number++));
      applyAll(new AddService(id, settings(scheduler)), new AddServer(id, first, ONE));
      assertThat(balancer.observe(List.of(id)).get(id).settings())
          .as(scheduler.text())
          .contains(settings(scheduler));
    }
  }

  @Test
  void keepsPersistenceNetmaskAndThresholds() throws Exception {
    ServiceSettings sticky =
        new ServiceSettings(Scheduler.WRR, Duration.ofSeconds(300), Netmask.prefix(24, 32));
    ServerSettings limited =
        new ServerSettings(Forwarder.MASQUERADING, 3, 100, lowerThresholds() ? 80 : 0);
    applyAll(new AddService(web, sticky), new AddServer(web, first, limited));

    ObservedService there = balancer.observe().get(web);

    assertThat(there.settings()).contains(sticky);
    assertThat(there.servers()).containsOnly(Map.entry(first, Optional.of(limited)));
  }

  @Test
  void changesInPlace() throws Exception {
    applyAll(
        new AddService(web, settings(Scheduler.RR)),
        new AddServer(web, first, ONE),
        new AddServer(web, second, ONE));

    applyAll(
        new UpdateService(web, settings(Scheduler.LC)),
        new UpdateServer(web, first, ONE.withWeight(0)),
        new RemoveServer(web, second));

    ObservedService there = balancer.observe().get(web);
    assertThat(there.settings()).contains(settings(Scheduler.LC));
    assertThat(there.servers()).containsOnly(Map.entry(first, Optional.of(ONE.withWeight(0))));
  }

  @Test
  void removesAServiceWithItsServers() throws Exception {
    applyAll(
        new AddService(web, settings(Scheduler.RR)),
        new AddServer(web, first, ONE),
        new AddService(dns, settings(Scheduler.RR)));

    applyAll(new RemoveService(web));

    assertThat(balancer.observe()).containsOnlyKeys(dns);
    applyAll(new AddService(web, settings(Scheduler.RR)));
    assertThat(balancer.observe().get(web).servers()).isEmpty();
  }

  @Test
  void namesEachChangeThatFailsAndDoesTheOthers() throws Exception {
    applyAll(new AddService(web, settings(Scheduler.RR)), new AddServer(web, first, ONE));
    BalancerChange serviceAgain = new AddService(web, settings(Scheduler.RR));
    BalancerChange serverAgain = new AddServer(web, first, ONE);
    BalancerChange absentServer = new UpdateServer(web, second, ONE);
    BalancerChange absentService = new RemoveService(dns);
    BalancerChange fine = new UpdateServer(web, first, ONE.withWeight(5));

    List<Balancer.Failure> failed =
        balancer.apply(List.of(serviceAgain, serverAgain, absentServer, absentService, fine));

    assertThat(failed)
        .extracting(Balancer.Failure::change)
        .containsExactly(serviceAgain, serverAgain, absentServer, absentService);
    assertThat(failed).allSatisfy(failure -> assertThat(failure.error()).isNotBlank());
    assertThat(balancer.observe().get(web).servers())
        .containsOnly(Map.entry(first, Optional.of(ONE.withWeight(5))));
  }

  @Test
  void doesNothingForNoChanges() throws Exception {
    assertThat(balancer.apply(List.of())).isEmpty();
    assertThat(balancer.observe()).isEmpty();
  }

  @Test
  void countsForServicesAndTheirServers() throws Exception {
    applyAll(
        new AddService(web, settings(Scheduler.RR)),
        new AddServer(web, first, ONE),
        new AddService(dns, settings(Scheduler.RR)));

    Map<ServiceId, ServiceStats> stats = balancer.stats(List.of(web));

    assertThat(stats).containsOnlyKeys(web);
    assertThat(stats.get(web).servers()).containsOnlyKeys(first);
    assertThat(stats.get(web).servers().get(first).activeConnections()).isZero();
    assertThat(stats.get(web).traffic().connections()).isZero();
  }

  @Test
  void takesAThousandChangesAtOnce() throws Exception {
    List<BalancerChange> changes = new ArrayList<>();
    changes.add(new AddService(web, settings(Scheduler.WRR)));
    for (int port = 30001; port <= 31000; port++) {
      changes.add(new AddServer(web, new ServerId(serviceAddress(), port), ONE));
    }

    assertThat(balancer.apply(changes)).isEmpty();

    assertThat(balancer.observe(List.of(web)).get(web).servers()).hasSize(1000);
  }

  @Test
  void acceptsAServiceThatItCanBalance() throws Exception {
    balancer.check(new Service(web, settings(Scheduler.RR), List.of(new Server(first, ONE))));
  }
}
