package io.portal.core;

import static io.portal.core.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.model.Cert;
import io.portal.core.model.Forwarder;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.InterfaceAddress;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.BalancerChange.AddServer;
import io.portal.core.port.BalancerChange.AddService;
import io.portal.core.port.BalancerChange.RemoveService;
import io.portal.core.port.BalancerChange.UpdateServer;
import io.portal.core.port.InMemoryBalancer;
import io.portal.core.port.InMemoryStore;
import io.portal.core.port.Proxy;
import io.portal.core.port.ProxyException;
import io.portal.core.port.ProxyTable;
import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PortalTest {

  private static final ServerSettings ONE = new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0);
  private static final Duration LONG = Duration.ofHours(1);

  private final InMemoryStore store = new InMemoryStore();
  private final InMemoryBalancer balancer = new InMemoryBalancer();
  private final FakeProxy proxy = new FakeProxy();
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private Portal portal = started();

  private Portal started() {
    return Portal.builder()
        .store(store)
        .balancer(balancer)
        .proxy(proxy)
        .interval(LONG)
        .clock(now::get)
        .reservedSockets(List.of(new InetSocketAddress("127.0.0.1", 8443)))
        .leaveAlone(List.of(InterfaceAddress.parse("10.99.0.0/16")))
        .start();
  }

  @AfterEach
  void closePortal() {
    portal.close();
  }

  private static ServiceId id(int port) {
    return ServiceId.parse("tcp-10_0_0_1-" + port).orElseThrow();
  }

  private static ServerId serverId(int number) {
    return ServerId.parse("10_0_1_" + number + "-80").orElseThrow();
  }

  private static Server server(int number) {
    return new Server(serverId(number), ONE);
  }

  private static Service service(int port, Server... servers) {
    return new Service(
        id(port), new ServiceSettings(Scheduler.RR, Duration.ZERO, null), List.of(servers));
  }

  @Test
  void aServiceIsStoredAndBalancedWhenTheCallReturns() throws Exception {
    Service web = service(80, server(1), server(2));

    assertThat(portal.services().add(web)).isEqualTo(web);

    assertThat(store.load().services()).containsOnlyKeys(id(80));
    assertThat(balancer.observe().get(id(80)).servers()).hasSize(2);
    assertThat(portal.state().revision()).isEqualTo(1);
    assertThat(portal.health().writes()).isEqualTo(1);
  }

  @Test
  void addingWhatIsThereLeavesItAsItIs() {
    portal.services().add(service(80, server(1)));
    balancer.takeApplied();

    assertThat(portal.services().add(service(80))).isEqualTo(service(80, server(1)));
    assertThat(portal.services().addServer(id(80), new Server(serverId(1), ONE.withWeight(9))))
        .isEqualTo(server(1));

    assertThat(balancer.takeApplied()).isEmpty();
    assertThat(portal.state().revision()).isEqualTo(1);
  }

  @Test
  void aReplacedListIsADiff() {
    List<Service> all = new ArrayList<>();
    for (int port = 1; port <= 1000; port++) {
      all.add(service(port, server(1), server(2)));
    }
    portal.services().setAll(all);
    balancer.takeApplied();
    all.set(500, service(501, server(1), new Server(serverId(2), ONE.withWeight(7))));

    portal.services().setAll(all);

    assertThat(balancer.takeApplied())
        .containsExactly(new UpdateServer(id(501), serverId(2), ONE.withWeight(7)));
    assertThat(store.load().revision()).isEqualTo(2);
  }

  @Test
  void whatTheBalancerRefusesIsUndoneEverywhere() throws Exception {
    portal.services().add(service(80, server(1)));
    balancer.takeApplied();
    balancer.refuse(
        change ->
            change instanceof AddServer add && add.server().equals(serverId(3))
                ? Optional.of("EINVAL")
                : Optional.empty());

    assertThatThrownBy(() -> portal.services().setServers(id(80), List.of(server(2), server(3))))
        .isInstanceOf(RefusedException.class)
        .hasMessage("memory: add server 10.0.1.3:80 to tcp-10.0.0.1-80: EINVAL");

    assertThat(portal.services().get(id(80))).isEqualTo(service(80, server(1)));
    assertThat(store.load().services().get(id(80))).isEqualTo(service(80, server(1)));
    assertThat(balancer.observe().get(id(80)).servers()).containsOnlyKeys(serverId(1));
    assertThat(portal.health().refusedWrites()).isEqualTo(1);
    assertThat(portal.health().failing()).isEmpty();
  }

  @Test
  void whatTheStoreRefusesNeverReachesTheBalancer() {
    store.failNext(() -> new StoreException("disk full"));
    assertThatThrownBy(() -> portal.services().add(service(80)))
        .isInstanceOf(RefusedException.class)
        .hasMessage("store: disk full");
    store.failNext(() -> new StoreUnavailableException("redis is away"));
    assertThatThrownBy(() -> portal.services().add(service(80)))
        .isInstanceOf(UnavailableException.class);

    assertThat(balancer.takeApplied()).isEmpty();
    assertThat(portal.services().list()).isEmpty();
  }

  @Test
  void aMemberThatCannotApplyMakesTheWriteFail() throws Exception {
    store.failAwait("member b: IPVS: EINVAL");

    assertThatThrownBy(() -> portal.services().add(service(80, server(1))))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("member b");

    assertThat(store.load().services()).isEmpty();
    assertThat(balancer.observe()).isEmpty();
    assertThat(portal.state().services()).isEmpty();
  }

  @Test
  void parallelWritesAreAllKept() throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(16);
    try {
      List<Callable<Service>> calls =
          IntStream.rangeClosed(1, 200)
              .mapToObj(port -> (Callable<Service>) () -> portal.services().add(service(port)))
              .toList();
      for (Future<Service> answer : clients.invokeAll(calls)) {
        answer.get();
      }
    } finally {
      clients.shutdownNow();
    }
    assertThat(store.load().services()).hasSize(200);
    assertThat(balancer.observe()).hasSize(200);
  }

  @Test
  void oneRefusedWriteAmongManyIsTheOnlyOneRefused() throws Exception {
    balancer.refuse(
        change -> change.service().equals(id(13)) ? Optional.of("EPERM") : Optional.empty());
    ExecutorService clients = Executors.newFixedThreadPool(16);
    int refused = 0;
    try {
      List<Callable<Service>> calls =
          IntStream.rangeClosed(1, 50)
              .mapToObj(port -> (Callable<Service>) () -> portal.services().add(service(port)))
              .toList();
      for (Future<Service> answer : clients.invokeAll(calls)) {
        try {
          answer.get();
        } catch (java.util.concurrent.ExecutionException e) {
          assertThat(e).hasMessageContaining("tcp-10.0.0.1-13");
          refused++;
        }
      }
    } finally {
      clients.shutdownNow();
    }
    assertThat(refused).isEqualTo(1);
    assertThat(store.load().services()).hasSize(49).doesNotContainKey(id(13));
    assertThat(balancer.observe()).hasSize(49);
  }

  @Test
  void driftIsRepairedAndCounted() throws Exception {
    portal.services().add(service(80, server(1), server(2)));
    balancer.clear();
    balancer.apply(List.of(new AddService(id(9), service(9).settings())));

    portal.reconcile();

    assertThat(balancer.observe()).containsOnlyKeys(id(80));
    assertThat(balancer.observe().get(id(80)).servers()).hasSize(2);
    assertThat(portal.health().driftRepaired()).isEqualTo(4);
    portal.reconcile();
    assertThat(portal.health().driftRepaired()).isEqualTo(4);
  }

  @Test
  void aRestartAdoptsWhatIsThere() {
    portal.services().add(service(80, server(1)));
    portal.close();
    balancer.takeApplied();

    portal = started();

    assertThat(balancer.takeApplied()).isEmpty();
    assertThat(portal.services().list()).containsExactly(service(80, server(1)));
    assertThat(portal.health().driftRepaired()).isZero();
  }

  @Test
  void oneBrokenServiceDoesNotHoldUpTheOthers() throws Exception {
    portal.services().setAll(List.of(service(1), service(2)));
    balancer.clear();
    balancer.refuse(c -> c.service().equals(id(1)) ? Optional.of("ENOENT") : Optional.empty());

    portal.reconcile();

    assertThat(balancer.observe()).containsOnlyKeys(id(2));
    assertThat(portal.health().failing())
        .containsEntry("tcp-10_0_0_1-1", "memory: add service tcp-10.0.0.1-1: ENOENT");
    balancer.refuse(change -> Optional.empty());
    await("it is tried again by itself", () -> balancer.observe().size() == 2);
    await("health is well again", () -> portal.health().failing().isEmpty());
  }

  @Test
  void aRepairPlansAgainFromWhatIsThereByNow() throws Exception {
    portal.services().add(service(80, server(1)));
    balancer.apply(List.of(new BalancerChange.RemoveServer(id(80), server(1).id())));
    AtomicBoolean once = new AtomicBoolean();
    balancer.refuse(
        change -> {
          if (change instanceof BalancerChange.AddServer && once.compareAndSet(false, true)) {
            balancer.clear(); // as ipvsadm -C between looking and repairing
          }
          return Optional.empty();
        });

    portal.reconcile();

    assertThat(portal.health().failing()).isEmpty();
    assertThat(balancer.observe().get(id(80)).servers()).containsOnlyKeys(server(1).id());
  }

  @Test
  void aFailedRepairNamesTheCauseAndNotWhatFollowsFromIt() throws Exception {
    portal.services().add(service(80, server(1), server(2)));
    balancer.clear();
    AtomicReference<String> during = new AtomicReference<>();
    balancer.refuse(
        change -> {
          during.set(portal.health().failing().get("balancer"));
          return change instanceof BalancerChange.AddService
              ? Optional.of("ENOENT (this kernel has no scheduler rr)")
              : Optional.empty();
        });

    portal.reconcile();

    assertThat(portal.health().failing())
        .containsExactly(
            Map.entry(
                "tcp-10_0_0_1-80",
                "memory: add service tcp-10.0.0.1-80: ENOENT (this kernel has no scheduler rr)"));
    assertThat(during).hasValue("memory: 3 changes are being made");
  }

  @Test
  void aBalancerThatIsAwayIsTriedAgain() throws Exception {
    portal.services().add(service(80));
    balancer.clear();
    balancer.breakDown("EPERM");
    portal.reconcile();
    assertThat(portal.health().failing()).containsEntry("balancer", "EPERM");
    assertThatThrownBy(() -> portal.services().add(service(81)))
        .isInstanceOf(RefusedException.class)
        .hasMessage("memory: EPERM");
    assertThat(store.load().services()).containsOnlyKeys(id(80));

    balancer.breakDown("");

    await("services are back", () -> balancer.observe().containsKey(id(80)));
  }

  @Test
  void somebodyElsesCommitIsTakenOver() throws Exception {
    store.commitElsewhere(new StateChange.Builder().put(service(80, server(1))).build());
    await("it is balanced", () -> balancer.observe().containsKey(id(80)));
    await("it is read", () -> portal.services().find(id(80)).isPresent());

    portal.services().addServer(id(80), server(2));

    assertThat(store.load().services().get(id(80)).servers()).hasSize(2);
  }

  @Test
  void aWriteOnAStaleStateIsMadeAgainOnTheNewOne() {
    store.commitElsewhere(new StateChange.Builder().put(service(80, server(1))).build());
    portal.services().addServer(id(80), server(2));
    assertThat(portal.services().get(id(80)).servers()).containsExactly(server(1), server(2));
  }

  @Test
  void absentThingsAreToldApart() {
    assertThatThrownBy(() -> portal.services().get(id(80))).hasMessage("No Service Found");
    assertThatThrownBy(() -> portal.services().replace(id(80), service(80)))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> portal.services().addServer(id(80), server(1)))
        .hasMessage("No Service Found");
    portal.services().remove(id(80));
    portal.services().add(service(80));
    assertThatThrownBy(() -> portal.services().getServer(id(80), serverId(1)))
        .hasMessage("No Server Found");
    portal.services().removeServer(id(80), serverId(1));
  }

  @Test
  void aServiceCanMoveButNotOverAnother() throws Exception {
    portal.services().setAll(List.of(service(80, server(1)), service(81)));
    portal.services().replace(id(80), service(82, server(1)));
    assertThat(balancer.observe()).containsOnlyKeys(id(81), id(82));
    assertThatThrownBy(() -> portal.services().replace(id(82), service(81)))
        .isInstanceOf(ConflictException.class);
  }

  @Test
  void portalsOwnSocketsAndOthersAddressesAreRefused() {
    Service api =
        new Service(
            ServiceId.parse("tcp-127_0_0_1-8443").orElseThrow(),
            ServiceSettings.DEFAULT,
            List.of());
    assertThatThrownBy(() -> portal.services().add(api))
        .hasMessage("Socket in use: '127.0.0.1:8443'");
    Service other =
        new Service(
            ServiceId.parse("tcp-10_99_0_1-80").orElseThrow(), ServiceSettings.DEFAULT, List.of());
    assertThatThrownBy(() -> portal.services().add(other)).hasMessageContaining("leave alone");
  }

  @Test
  void whatIsToBeLeftAloneStays() throws Exception {
    ServiceId other = ServiceId.parse("tcp-10_99_0_1-80").orElseThrow();
    balancer.apply(List.of(new AddService(other, ServiceSettings.DEFAULT)));
    portal.reconcile();
    portal.adopt();
    assertThat(balancer.observe()).containsOnlyKeys(other);
    assertThat(portal.services().list()).isEmpty();
  }

  @Test
  void adoptTakesWhatTheBalancerHolds() throws Exception {
    portal.services().add(service(80, server(1)));
    balancer.apply(
        List.of(
            new RemoveService(id(80)),
            new AddService(id(81), service(81).settings()),
            new AddServer(id(81), serverId(5), ONE)));

    portal.adopt();

    assertThat(portal.services().list()).containsExactly(service(81, server(5)));
    List<BalancerChange> sent = balancer.takeApplied();
    portal.reconcile();
    assertThat(balancer.takeApplied()).isEmpty();
    assertThat(sent).hasSize(5);
  }

  @Test
  void routesCertsAndPagesReachTheProxyAsOneTable() {
    Route route =
        new Route(
            new RouteId("", "test.com", ""),
            List.of(URI.create("http://10.0.0.1")),
            "",
            "",
            HealthCheck.NONE);
    portal.routes().add(route);
    portal.certs().setAll(List.of(new Cert("C", "K")));
    portal.certs().add(new Cert("C", "K2"));
    assertThat(proxy.table.routes()).containsExactly(route);
    assertThat(proxy.table.certs()).containsExactly(new Cert("C", "K2"));

    proxy.refusal = "no";
    assertThatThrownBy(() -> portal.routes().setAll(List.of())).hasMessage("proxy: no");
    proxy.refusal = "";

    assertThat(portal.routes().list()).containsExactly(route);
    portal.certs().remove("C");
    portal.routes().remove(route.id());
    assertThat(proxy.table.routes()).isEmpty();
    assertThat(proxy.table.certs()).isEmpty();
  }

  @Test
  void aVipsAddressOrAliasCannotBeUsedTwice() {
    portal.vips().add(new Vip(new VipId(InterfaceAddress.parse("10.0.0.1/24"), "eth0"), "eth0:1"));
    assertThatThrownBy(
            () ->
                portal
                    .vips()
                    .add(new Vip(new VipId(InterfaceAddress.parse("10.0.0.1"), "eth1"), "")))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("10.0.0.1");
    assertThatThrownBy(
            () ->
                portal
                    .vips()
                    .add(new Vip(new VipId(InterfaceAddress.parse("10.0.0.2"), "eth0"), "eth0:1")))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("eth0:1");
  }

  @Test
  void aServiceFollowsTheVipBehindItsAlias() throws Exception {
    VipId first = new VipId(InterfaceAddress.parse("10.0.0.1"), "eth0");
    VipId second = new VipId(InterfaceAddress.parse("10.0.0.2"), "eth0");
    portal.vips().add(new Vip(first, "eth0:1"));
    assertThat(portal.firstAddress("eth0:1")).isEqualTo(first.ip().address());
    Service bound = new Service(id(80), "eth0:1", service(80).settings(), List.of(server(1)), null);
    portal.services().add(bound);

    portal.vips().setAll(List.of(new Vip(second, "eth0:1")));

    ServiceId moved = ServiceId.parse("tcp-10_0_0_2-80").orElseThrow();
    await("it has moved", () -> portal.services().find(moved).isPresent());
    assertThat(balancer.observe()).containsOnlyKeys(moved);
    assertThat(portal.services().get(moved).servers()).containsExactly(server(1));
    assertThatThrownBy(() -> portal.firstAddress("nope0")).isInstanceOf(InvalidException.class);
  }

  @Test
  void clearOnExitRemovesTheServices() throws Exception {
    portal.services().add(service(80, server(1)));
    portal.close();
    assertThat(balancer.observe()).hasSize(1);
    Portal clearing = Portal.builder().store(store).balancer(balancer).clearOnExit(true).start();
    clearing.close();
    assertThat(balancer.observe()).isEmpty();
    assertThat(store.load().services()).hasSize(1);
    assertThatThrownBy(() -> clearing.services().remove(id(80)))
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void aFailureInsideAnEditIsReportedAndHarmsNothing() {
    assertThatThrownBy(
            () ->
                portal.change(
                    state -> {
                      throw new IllegalStateException("bug");
                    }))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("bug");
    portal.services().add(service(80));
    DesiredState state = portal.state();
    assertThat(state.services()).hasSize(1);
  }

  private static final class FakeProxy implements Proxy {
    private volatile ProxyTable table;
    private volatile String refusal = "";

    @Override
    public void apply(ProxyTable newTable) throws ProxyException {
      if (!refusal.isEmpty()) {
        throw new ProxyException(refusal);
      }
      table = newTable;
    }

    @Override
    public void close() {}
  }
}
