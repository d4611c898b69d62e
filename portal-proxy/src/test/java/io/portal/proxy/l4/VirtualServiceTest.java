package io.portal.proxy.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.Forwarder;
import io.portal.core.model.Netmask;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Persistence, and the accounts of a service, with a clock of the test's own. */
class VirtualServiceTest {

  private static final ServerSettings ONE = new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0);
  private static final InetAddress VIP = address("10.0.0.1");
  private static final ServerId A = new ServerId(address("10.0.1.1"), 80);
  private static final ServerId B = new ServerId(address("10.0.1.2"), 80);

  private long now = 1;

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private VirtualService service(Duration persistence, Netmask netmask) {
    VirtualService service =
        new VirtualService(
            new ServiceId(ServiceType.TCP, VIP, 80),
            new ServiceSettings(Scheduler.RR, persistence, netmask),
            () -> now);
    service.add(A, ONE);
    service.add(B, ONE);
    return service;
  }

  private static Assignment assign(VirtualService service, String client) {
    return service.assign(new Flow(address(client), VIP, null));
  }

  /** Connects and ends at once; the server's letter. */
  private static String visit(VirtualService service, String client) {
    Assignment assignment = assign(service, client);
    assignment.end();
    return assignment.backend().id().equals(A) ? "a" : "b";
  }

  private void pass(int seconds) {
    now += Duration.ofSeconds(seconds).toNanos();
  }

  @Test
  void withoutPersistenceEveryConnectionIsScheduled() {
    VirtualService service = service(Duration.ZERO, null);
    assertThat(visit(service, "192.0.2.1") + visit(service, "192.0.2.1")).isEqualTo("ab");
  }

  @Test
  void aClientSticksAndEveryVisitStartsTheTimeAnew() {
    VirtualService service = service(Duration.ofSeconds(10), null);
    assertThat(visit(service, "192.0.2.1")).isEqualTo("a");
    assertThat(visit(service, "192.0.2.2")).isEqualTo("b");
    pass(9);
    assertThat(visit(service, "192.0.2.1")).isEqualTo("a");
    pass(9);
    assertThat(visit(service, "192.0.2.1")).isEqualTo("a");
    assertThat(service.stats().servers().get(B).persistentConnections()).isZero();
    pass(10);
    assertThat(service.stats().servers().get(A).persistentConnections()).isZero();
    assertThat(visit(service, "192.0.2.9")).isEqualTo("a");
    assertThat(visit(service, "192.0.2.1")).isEqualTo("b");
  }

  @Test
  void aConnectionThatLastsKeepsItsClient() {
    VirtualService service = service(Duration.ofSeconds(10), null);
    Assignment lasting = assign(service, "192.0.2.1");
    pass(25);
    assertThat(visit(service, "192.0.2.1")).isEqualTo("a");
    lasting.end();
    pass(10);
    assertThat(visit(service, "192.0.2.1")).isEqualTo("b");
  }

  @Test
  void theNetmaskGroupsClients() {
    VirtualService service = service(Duration.ofSeconds(10), Netmask.prefix(20, 32));
    assertThat(visit(service, "192.0.16.1")).isEqualTo("a");
    assertThat(visit(service, "192.0.31.255")).isEqualTo("a");
    assertThat(visit(service, "192.0.32.1")).isEqualTo("b");
    assertThat(service.stats().servers().get(A).persistentConnections()).isEqualTo(1);
  }

  @Test
  void weightZeroAndRemovalFreeTheClients() {
    VirtualService service = service(Duration.ofSeconds(10), null);
    assertThat(visit(service, "192.0.2.1")).isEqualTo("a");
    service.update(A, ONE.withWeight(0));
    assertThat(visit(service, "192.0.2.1")).isEqualTo("b");
    service.update(A, ONE);
    assertThat(visit(service, "192.0.2.1")).isEqualTo("b");
    service.remove(B);
    assertThat(visit(service, "192.0.2.1")).isEqualTo("a");
  }

  @Test
  void anOverloadedServerKeepsTheClientsThatStick() {
    VirtualService service = service(Duration.ofSeconds(10), null);
    service.update(A, new ServerSettings(Forwarder.MASQUERADING, 1, 1, 0));
    assertThat(assign(service, "192.0.2.1").backend().id()).isEqualTo(A);
    assertThat(assign(service, "192.0.2.1").backend().id()).isEqualTo(A);
    assertThat(assign(service, "192.0.2.2").backend().id()).isEqualTo(B);
    assertThat(assign(service, "192.0.2.3").backend().id()).isEqualTo(B);
  }

  @Test
  void anotherNetmaskOrTimeStartsAnewTheSameKeepsTheClients() {
    VirtualService service = service(Duration.ofSeconds(10), null);
    assertThat(visit(service, "192.0.2.1")).isEqualTo("a");
    service.update(new ServiceSettings(Scheduler.LC, Duration.ofSeconds(10), Netmask.full(32)));
    assertThat(service.stats().servers().get(A).persistentConnections()).isEqualTo(1);
    service.update(new ServiceSettings(Scheduler.LC, Duration.ofSeconds(20), null));
    assertThat(service.stats().servers().get(A).persistentConnections()).isZero();
  }

  @Test
  void aConnectionIsCountedOnceHoweverItEnds() {
    VirtualService service = service(Duration.ZERO, null);
    Assignment assignment = assign(service, "192.0.2.1");
    assertThat(service.stats().servers().get(A).activeConnections()).isEqualTo(1);
    assignment.quiet();
    assignment.quiet();
    assertThat(service.stats().servers().get(A).activeConnections()).isZero();
    assertThat(service.stats().servers().get(A).inactiveConnections()).isEqualTo(1);
    assignment.end();
    assignment.end();
    assignment.quiet();
    assertThat(service.stats().servers().get(A).inactiveConnections()).isZero();
  }

  @Test
  void ratesAreTheMeanSinceTheReadingBefore() {
    VirtualService service = service(Duration.ZERO, null);
    assertThat(service.stats().traffic().connectionsPerSecond()).isZero();
    for (int i = 0; i < 30; i++) {
      visit(service, "192.0.2.1");
    }
    pass(2);
    assertThat(service.stats().traffic().connectionsPerSecond()).isEqualTo(15);
    visit(service, "192.0.2.1");
    assertThat(service.stats().traffic().connectionsPerSecond()).isEqualTo(15);
    assertThat(service.stats().traffic().connections()).isEqualTo(31);
  }
}
