package io.portal.core;

import static io.portal.core.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.Forwarder;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.port.InMemoryBalancer;
import io.portal.core.port.InMemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Removing with a drain: who leaves when, and what keeps it from leaving. */
class DrainsTest {

  private static final ServerSettings ONE = new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0);
  private static final ServiceId ID = ServiceId.parse("tcp-10_0_0_1-80").orElseThrow();
  private static final Server FIRST = server(1);
  private static final Server SECOND = server(2);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final InMemoryStore store = new InMemoryStore();
  private final InMemoryBalancer balancer = new InMemoryBalancer();
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private Portal portal = started();

  private Portal started() {
    return Portal.builder()
        .store(store)
        .balancer(balancer)
        .interval(Duration.ofHours(1))
        .clock(now::get)
        .start();
  }

  @AfterEach
  void closePortal() {
    portal.close();
  }

  private static Server server(int number) {
    return new Server(ServerId.parse("10_0_1_" + number + "-80").orElseThrow(), ONE);
  }

  private void add(Server... servers) {
    portal
        .services()
        .add(
            new Service(
                ID, new ServiceSettings(Scheduler.RR, Duration.ZERO, null), List.of(servers)));
  }

  private List<ServerId> servers() {
    return portal.services().get(ID).servers().stream().map(Server::id).toList();
  }

  @Test
  void aServerLeavesWithItsLastConnection() throws Exception {
    add(FIRST, SECOND);
    balancer.activeConnections(FIRST.id(), 3);

    assertThat(portal.services().removeServer(ID, FIRST.id(), MINUTE)).isTrue();

    assertThat(balancer.observe().get(ID).servers().get(FIRST.id())).contains(ONE.withWeight(0));
    assertThat(portal.services().getServer(ID, FIRST.id()).draining()).isTrue();
    balancer.activeConnections(FIRST.id(), 0);
    await("it is gone", () -> servers().size() == 1);
    assertThat(balancer.observe().get(ID).servers()).containsOnlyKeys(SECOND.id());
  }

  @Test
  void aHalfClosedConnectionKeepsItsServer() {
    add(FIRST, SECOND, server(3));
    balancer.inactiveConnections(FIRST.id(), 1);

    portal.services().removeServer(ID, FIRST.id(), MINUTE);
    portal.services().removeServer(ID, server(3).id(), MINUTE);

    await("the one without connections is gone", () -> servers().size() == 2);
    assertThat(servers()).containsExactly(FIRST.id(), SECOND.id());
    balancer.inactiveConnections(FIRST.id(), 0);
    await("it is gone", () -> servers().size() == 1);
  }

  @Test
  void aFlushInTheMiddleEndsNoDrainAndIsRepaired() throws Exception {
    add(FIRST, SECOND);
    balancer.activeConnections(FIRST.id(), 3);
    portal.services().removeServer(ID, FIRST.id(), MINUTE);

    balancer.clear();

    await("it is there again", () -> balancer.observe().containsKey(ID));
    await("with both", () -> balancer.observe().get(ID).servers().size() == 2);
    assertThat(balancer.observe().get(ID).servers().get(FIRST.id())).contains(ONE.withWeight(0));
    assertThat(portal.services().getServer(ID, FIRST.id()).draining()).isTrue();
    assertThat(portal.health().driftRepaired()).isEqualTo(3);
    balancer.activeConnections(FIRST.id(), 0);
    await("it is gone", () -> servers().size() == 1);
  }

  @Test
  void aServiceThatIsFlushedWhileItDrainsStaysUntilItsTime() throws Exception {
    add(FIRST);
    balancer.activeConnections(FIRST.id(), 3);
    portal.services().remove(ID, MINUTE);

    balancer.clear();

    await("it is there again", () -> balancer.observe().containsKey(ID));
    now.set(now.get().plusSeconds(61));
    await("it is gone", () -> portal.services().list().isEmpty());
    assertThat(balancer.observe()).isEmpty();
  }

  @Test
  void aDrainEndsWithItsTimeAfterARestartToo() {
    add(FIRST);
    balancer.activeConnections(FIRST.id(), 3);
    portal.services().remove(ID, MINUTE);
    portal.close();
    portal = started();
    assertThat(portal.services().get(ID).draining()).isTrue();

    now.set(now.get().plusSeconds(61));

    await("it is gone", () -> portal.services().list().isEmpty());
  }

  @Test
  void addingAgainCallsADrainOff() throws Exception {
    add(FIRST);
    balancer.activeConnections(FIRST.id(), 3);
    portal.services().removeServer(ID, FIRST.id(), MINUTE);

    portal.services().addServer(ID, FIRST);

    assertThat(portal.services().getServer(ID, FIRST.id())).isEqualTo(FIRST);
    assertThat(balancer.observe().get(ID).servers().get(FIRST.id())).contains(ONE);
  }

  @Test
  void whatIsWrittenBackAsItWasReadKeepsItsDrains() {
    add(FIRST, SECOND);
    balancer.activeConnections(FIRST.id(), 3);
    portal.services().removeServer(ID, FIRST.id(), MINUTE);
    Service read = portal.services().get(ID);
    assertThat(read.server(FIRST.id()).orElseThrow().draining()).isTrue();

    portal.services().setAll(List.of(read));
    assertThat(portal.services().get(ID)).isEqualTo(read);
    portal.services().replace(ID, read);
    portal.services().setServers(ID, read.servers());
    assertThat(portal.services().get(ID)).isEqualTo(read);

    portal.services().setServers(ID, List.of(FIRST, SECOND));
    assertThat(portal.services().getServer(ID, FIRST.id()).draining()).isFalse();
    portal.services().setAll(List.of(read));
    assertThat(portal.services().getServer(ID, FIRST.id()).draining()).isFalse();
  }
}
