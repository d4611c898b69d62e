package io.portal.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import io.portal.core.model.Forwarder;
import io.portal.core.model.Netmask;
import io.portal.core.model.Scheduler;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.BalancerChange.AddServer;
import io.portal.core.port.BalancerChange.AddService;
import io.portal.core.port.BalancerChange.RemoveServer;
import io.portal.core.port.BalancerChange.RemoveService;
import io.portal.core.port.BalancerChange.UpdateServer;
import io.portal.core.port.BalancerChange.UpdateService;
import io.portal.core.port.ObservedService;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlannerTest {

  private static final ServiceId WEB = ServiceId.parse("tcp-10_0_0_1-80").orElseThrow();
  private static final ServerId A = ServerId.parse("10_0_1_1-80").orElseThrow();
  private static final ServerId B = ServerId.parse("10_0_1_2-80").orElseThrow();
  private static final ServerSettings ONE = new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0);
  private static final ServiceSettings SETTINGS =
      new ServiceSettings(Scheduler.RR, Duration.ZERO, null);
  private static final ServiceSettings EXPLICIT = SETTINGS.withExplicitNetmask(32);

  private static Service web(Server... servers) {
    return new Service(WEB, SETTINGS, List.of(servers));
  }

  private static ObservedService there(Map<ServerId, Optional<ServerSettings>> servers) {
    return new ObservedService(WEB, Optional.of(EXPLICIT), ImmutableMap.copyOf(servers));
  }

  private static List<BalancerChange> plan(Service desired, ObservedService observed) {
    return Planner.plan(
        List.of(WEB),
        desired == null ? Map.of() : Map.of(WEB, desired),
        observed == null ? Map.of() : Map.of(WEB, observed));
  }

  @Test
  void nothingForWhatIsAsDesired() {
    assertThat(plan(web(new Server(A, ONE)), there(Map.of(A, Optional.of(ONE))))).isEmpty();
    assertThat(plan(null, null)).isEmpty();
  }

  @Test
  void addsServersInTheOrderOfTheirIds() {
    assertThat(plan(web(new Server(B, ONE), new Server(A, ONE)), null))
        .containsExactly(
            new AddService(WEB, EXPLICIT), new AddServer(WEB, A, ONE), new AddServer(WEB, B, ONE));
  }

  @Test
  void changesJustWhatDiffers() {
    ServerSettings heavy = ONE.withWeight(5);
    assertThat(
            plan(
                web(new Server(A, heavy), new Server(B, ONE)),
                there(Map.of(A, Optional.of(ONE), B, Optional.of(ONE)))))
        .containsExactly(new UpdateServer(WEB, A, heavy));
  }

  @Test
  void addsBeforeItRemoves() {
    assertThat(plan(web(new Server(B, ONE)), there(Map.of(A, Optional.of(ONE)))))
        .containsExactly(new AddServer(WEB, B, ONE), new RemoveServer(WEB, A));
  }

  @Test
  void removesWhatIsNotDesired() {
    assertThat(plan(null, there(Map.of(A, Optional.of(ONE)))))
        .containsExactly(new RemoveService(WEB));
  }

  @Test
  void updatesWhatHasTraitsThatPortalNeverAsksFor() {
    ObservedService odd =
        new ObservedService(WEB, Optional.empty(), ImmutableMap.of(A, Optional.empty()));
    assertThat(plan(web(new Server(A, ONE)), odd))
        .containsExactly(new UpdateService(WEB, EXPLICIT), new UpdateServer(WEB, A, ONE));
  }

  @Test
  void aNetmaskThatWasNotGivenIsTheFullOne() {
    Service desired =
        new Service(
            WEB, new ServiceSettings(Scheduler.RR, Duration.ZERO, Netmask.full(32)), List.of());
    assertThat(plan(desired, there(Map.of()))).isEmpty();
  }

  @Test
  void whatDrainsGetsWeightZero() {
    Server leaving = new Server(A, ONE, Instant.EPOCH);
    assertThat(plan(web(leaving), there(Map.of(A, Optional.of(ONE)))))
        .containsExactly(new UpdateServer(WEB, A, ONE.withWeight(0)));
  }

  @Test
  void newClientsAreSparedBeforeAServerDrainsAndUntilItHasGone() {
    ServiceSettings sparing = EXPLICIT.withScheduler(Scheduler.LBLC);
    Server leaving = new Server(A, ONE, Instant.EPOCH);
    Server staying = new Server(B, ONE);
    Map<ServerId, Optional<ServerSettings>> both = Map.of(A, Optional.of(ONE), B, Optional.of(ONE));

    assertThat(planSparing(web(leaving, staying), there(both)))
        .containsExactly(
            new UpdateService(WEB, sparing), new UpdateServer(WEB, A, ONE.withWeight(0)));
    assertThat(
            planSparing(
                web(staying),
                new ObservedService(WEB, Optional.of(sparing), ImmutableMap.copyOf(both))))
        .containsExactly(new RemoveServer(WEB, A), new UpdateService(WEB, EXPLICIT));
    assertThat(planSparing(web(leaving, staying).withDrainUntil(Instant.EPOCH), there(both)))
        .as("a service that goes as a whole is to take nobody")
        .containsExactly(
            new UpdateServer(WEB, A, ONE.withWeight(0)),
            new UpdateServer(WEB, B, ONE.withWeight(0)));
  }

  private static List<BalancerChange> planSparing(Service desired, ObservedService observed) {
    return Planner.plan(
        List.of(WEB),
        Map.of(WEB, desired),
        Map.of(WEB, observed),
        settings -> settings.withScheduler(Scheduler.LBLC));
  }

  @Test
  void looksOnlyAtTheServicesItWasAskedFor() {
    assertThat(Planner.plan(List.of(), Map.of(WEB, web()), Map.of())).isEmpty();
  }
}
