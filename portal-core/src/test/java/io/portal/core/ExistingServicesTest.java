package io.portal.core;

import static io.portal.core.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.model.Forwarder;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.port.BalancerChange;
import io.portal.core.port.BalancerChange.AddServer;
import io.portal.core.port.BalancerChange.AddService;
import io.portal.core.port.InMemoryBalancer;
import io.portal.core.port.InMemoryStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kernel's table in which somebody else has put services before portal came. */
class ExistingServicesTest {

  private static final ServiceId FIRST = id(80);
  private static final ServiceId SECOND = id(81);
  private static final ServiceId OWN = id(82);
  private static final Server SERVER =
      new Server(
          ServerId.parse("10_0_1_1-80").orElseThrow(),
          new ServerSettings(Forwarder.MASQUERADING, 1, 0, 0));

  private final InMemoryStore store = new InMemoryStore();
  private final InMemoryBalancer balancer = new InMemoryBalancer();

  @TempDir private Path directory;

  private static ServiceId id(int port) {
    return ServiceId.parse("tcp-10_0_0_1-" + port).orElseThrow();
  }

  @BeforeEach
  void somebodyElseIsThere() throws Exception {
    balancer.share();
    balancer.apply(
        List.of(
            new AddService(FIRST, ServiceSettings.DEFAULT),
            new AddServer(FIRST, SERVER.id(), SERVER.settings()),
            new AddService(SECOND, ServiceSettings.DEFAULT)));
    balancer.takeApplied();
  }

  private Path file() {
    return directory.resolve("work/unmanaged-services");
  }

  private Portal start(ExistingServices policy) {
    return Portal.builder()
        .store(store)
        .balancer(balancer)
        .interval(Duration.ofHours(1))
        .existingServices(policy, file())
        .start();
  }

  private static Service service(ServiceId id, Server... servers) {
    return new Service(id, ServiceSettings.DEFAULT, List.of(servers));
  }

  @Test
  void areLeftAloneByDefaultAndAfterARestart() throws Exception {
    try (Portal portal = Portal.builder().store(store).balancer(balancer).start()) {
      assertThat(portal.health().unmanaged()).isEqualTo(2);
      assertThat(balancer.takeApplied()).isEmpty();
    }
    try (Portal portal = start(ExistingServices.LEAVE)) {
      portal.services().add(service(OWN));
      portal.reconcile();
      assertThat(portal.services().list()).containsExactly(service(OWN));
    }
    assertThat(file()).hasContent(FIRST + "\n" + SECOND);
    balancer.takeApplied();

    try (Portal portal = start(ExistingServices.LEAVE)) {
      portal.reconcile();
      assertThat(portal.health().unmanaged()).isEqualTo(2);
      assertThat(portal.health().driftRepaired()).isZero();
      portal.services().remove(OWN);
    }
    assertThat(balancer.observe()).containsOnlyKeys(FIRST, SECOND);
  }

  @Test
  void oneThatIsAskedForIsPortalsFromThenOn() throws Exception {
    try (Portal portal = start(ExistingServices.LEAVE)) {
      portal.services().add(service(FIRST, SERVER));
      assertThat(balancer.takeApplied()).isEmpty();
      assertThat(portal.health().unmanaged()).isEqualTo(1);
      assertThat(file()).hasContent(SECOND.toString());

      portal.services().remove(FIRST);
      assertThat(balancer.observe()).containsOnlyKeys(SECOND);
    }
  }

  @Test
  void aRefusedWriteTakesNothingOfThemAway() throws Exception {
    try (Portal portal = start(ExistingServices.LEAVE)) {
      balancer.refuse(
          change ->
              change instanceof BalancerChange.RemoveServer
                  ? Optional.of("EPERM")
                  : Optional.empty());

      assertThatThrownBy(() -> portal.services().add(service(FIRST)))
          .isInstanceOf(RefusedException.class);

      balancer.refuse(change -> Optional.empty());
      portal.reconcile();
      assertThat(portal.health().unmanaged()).isEqualTo(2);
      assertThat(balancer.observe().get(FIRST).servers()).containsOnlyKeys(SERVER.id());
    }
  }

  @Test
  void areTakenOverWhereThatIsAskedFor() throws Exception {
    try (Portal portal = start(ExistingServices.ADOPT)) {
      assertThat(portal.services().list()).containsExactly(service(FIRST, SERVER), service(SECOND));
      assertThat(portal.health().unmanaged()).isZero();
      assertThat(file()).doesNotExist();
      portal.reconcile();
      assertThat(balancer.takeApplied()).isEmpty();
    }
  }

  @Test
  void areTakenOverAfterTheyWereLeftAloneToo() throws Exception {
    try (Portal portal = start(ExistingServices.LEAVE)) {
      portal.services().add(service(OWN));
    }
    try (Portal portal = start(ExistingServices.ADOPT)) {
      assertThat(portal.services().list())
          .containsExactly(service(FIRST, SERVER), service(SECOND), service(OWN));
    }
    assertThat(balancer.observe()).containsOnlyKeys(FIRST, SECOND, OWN);
  }

  @Test
  void areRemovedWhereThatIsAskedFor() throws Exception {
    try (Portal portal = start(ExistingServices.LEAVE)) {
      assertThat(portal.health().unmanaged()).isEqualTo(2);
    }
    try (Portal portal = start(ExistingServices.REMOVE)) {
      assertThat(portal.health().unmanaged()).isZero();
      assertThat(balancer.observe()).isEmpty();
      assertThat(file()).doesNotExist();
    }
  }

  @Test
  void nothingIsRemovedWhileTheyCannotBeSeen() throws Exception {
    balancer.breakDown("ENOMEM");
    try (Portal portal = start(ExistingServices.LEAVE)) {
      assertThat(portal.health().failing()).containsKey("balancer");
      balancer.breakDown("");
      portal.services().add(service(OWN));

      await(
          "they were seen",
          () -> {
            portal.reconcile();
            return portal.health().unmanaged() > 0;
          });

      assertThat(portal.health().unmanaged()).isEqualTo(2);
      assertThat(balancer.observe()).containsOnlyKeys(FIRST, SECOND, OWN);
    }
  }

  @Test
  void aStoreWithServicesOwnsTheTableAsEver() throws Exception {
    store.commit(
        store.load(),
        new io.portal.core.state.StateChange.Builder().put(service(FIRST, SERVER)).build());
    try (Portal portal = start(ExistingServices.LEAVE)) {
      assertThat(portal.health().unmanaged()).isZero();
      assertThat(balancer.observe()).containsOnlyKeys(FIRST);
    }
  }

  @Test
  void aFileThatIsNoListStopsTheStart() throws Exception {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), "garbage\n");
    assertThatThrownBy(() -> start(ExistingServices.LEAVE))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(file().toString())
        .hasMessageContaining("garbage");
  }
}
