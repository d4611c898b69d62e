package io.portal.core.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.model.Cert;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.Forwarder;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.InterfaceAddress;
import io.portal.core.model.Netmask;
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
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link StateStore} must do. An implementation's test extends this and says how a store
 * is opened; opened again it is the same store.
 */
public abstract class StateStoreContract {

  private StateStore store;

  /** Opens the store; it is empty the first time within a test, and the same one after that. */
  protected abstract StateStore open() throws Exception;

  @BeforeEach
  void openStore() throws Exception {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  /** Closes the store and opens it again. */
  private DesiredState reopened() throws Exception {
    store.close();
    store = open();
    return store.load();
  }

  /** A service with everything in it. */
  public static Service service(int number) {
    ServiceId id =
        ServiceId.parse("tcp-10_0_" + number / 250 + "_" + (1 + number % 250) + "-80")
            .orElseThrow();
    return new Service(
        id,
        null,
        new ServiceSettings(Scheduler.WRR, Duration.ofSeconds(300), Netmask.prefix(24, 32)),
        List.of(
            new Server(
                ServerId.parse("192_168_0_3-8080").orElseThrow(),
                new ServerSettings(Forwarder.MASQUERADING, 5, 100, 50)),
            new Server(
                ServerId.parse("192_168_0_4-8081").orElseThrow(),
                new ServerSettings(Forwarder.MASQUERADING, 0, 0, 0))),
        null);
  }

  private static StateChange everything() {
    return new StateChange.Builder()
        .put(service(1))
        .put(
            new Service(
                ServiceId.parse("udp-2001:db8::3-53").orElseThrow(),
                "eth0:1",
                new ServiceSettings(Scheduler.MH, Duration.ofSeconds(1), Netmask.prefix(64, 128)),
                List.of(
                    new Server(
                        ServerId.parse("2001:db8::4-53").orElseThrow(),
                        ServerSettings.DEFAULT,
                        Instant.parse("2026-01-02T03:04:05Z"))),
                null))
        .put(
            new Service(
                ServiceId.parse("fwmark--7").orElseThrow(),
                null,
                ServiceSettings.DEFAULT,
                List.of(),
                Instant.parse("2026-01-02T03:04:05Z")))
        .put(
            new Route(
                new RouteId("admin", "test.com", "/admin*"),
                List.of(URI.create("http://10.0.0.1:8080/app?x=1"), URI.create("https://[::1]")),
                "/",
                "",
                new HealthCheck("/up", 204, "ok", "x:y", "h", Duration.ofMillis(250), 2)))
        .put(
            new Route(
                new RouteId("", "", ""),
                List.of(),
                "",
                "<h1>\u00e4 \"page\"\n</h1>",
                HealthCheck.NONE))
        .put(new Cert("-----BEGIN CERTIFICATE-----\nA\n", "-----BEGIN PRIVATE KEY-----\nB\n"))
        .put(new Vip(new VipId(InterfaceAddress.parse("10.0.0.1/24"), "eth0"), "eth0:1"))
        .put(new Vip(new VipId(InterfaceAddress.parse("2001:db8::1"), "eth1"), ""))
        .pages(new ErrorPages("no route\n", "<p>down</p>"))
        .build();
  }

  @Test
  void isEmptyAtFirst() throws Exception {
    assertThat(store.load()).isEqualTo(DesiredState.EMPTY);
  }

  @Test
  void keepsEverythingToTheLetter() throws Exception {
    DesiredState stored = store.commit(store.load(), everything());

    assertThat(stored)
        .isEqualTo(DesiredState.EMPTY.with(everything()).withRevision(stored.revision()));
    assertThat(store.load()).isEqualTo(stored);
    assertThat(reopened()).isEqualTo(stored);
  }

  @Test
  void changesAndRemovesJustWhatIsNamed() throws Exception {
    DesiredState before = store.commit(store.load(), everything());
    StateChange change =
        new StateChange.Builder()
            .put(service(1).withServers(List.of()))
            .remove(ServiceId.parse("fwmark--7").orElseThrow())
            .remove(new RouteId("", "", ""))
            .put(new Cert("-----BEGIN CERTIFICATE-----\nA\n", "another key"))
            .remove(new VipId(InterfaceAddress.parse("2001:db8::1"), "eth1"))
            .build();

    DesiredState after = store.commit(before, change);

    assertThat(after).isEqualTo(before.with(change).withRevision(after.revision()));
    assertThat(after.revision()).isGreaterThan(before.revision());
    assertThat(reopened()).isEqualTo(after);
  }

  @Test
  void refusesAChangeForAnotherState() throws Exception {
    DesiredState empty = store.load();
    DesiredState first = store.commit(empty, new StateChange.Builder().put(service(1)).build());

    assertThatThrownBy(() -> store.commit(empty, new StateChange.Builder().put(service(2)).build()))
        .isInstanceOf(StaleStateException.class);

    assertThat(store.load()).isEqualTo(first);
    assertThat(reopened()).isEqualTo(first);
  }

  @Test
  void keepsRemovedThingsRemovedAndLetsThemComeBack() throws Exception {
    DesiredState first =
        store.commit(store.load(), new StateChange.Builder().put(service(1)).build());
    DesiredState second =
        store.commit(first, new StateChange.Builder().remove(service(1).id()).build());
    assertThat(reopened().services()).isEmpty();

    DesiredState third = store.commit(second, new StateChange.Builder().put(service(1)).build());

    assertThat(reopened()).isEqualTo(third);
  }

  @Test
  void removingWhatIsNotThereIsNoError() throws Exception {
    StateChange change =
        new StateChange.Builder()
            .remove(service(1).id())
            .remove(new RouteId("", "nowhere", ""))
            .removeCert("none")
            .build();

    DesiredState stored = store.commit(store.load(), change);

    assertThat(reopened()).isEqualTo(stored);
  }

  @Test
  void replacesAListOfThousands() throws Exception {
    StateChange.Builder first = new StateChange.Builder();
    StateChange.Builder second = new StateChange.Builder();
    for (int i = 0; i < 2000; i++) {
      first.put(service(i));
      if (i % 2 == 0) {
        second.remove(service(i).id());
      }
    }
    DesiredState before = store.commit(store.load(), first.build());
    DesiredState after = store.commit(before, second.build());

    assertThat(after.services()).hasSize(1000);
    assertThat(reopened()).isEqualTo(after);
  }

  @Test
  void keepsOddRoutesApart() throws Exception {
    StateChange.Builder change = new StateChange.Builder();
    for (String path :
        List.of("", "/", "/a", "/a/", "/A", "/a*", "/a%2Fb", "/../x", "/a b", "/\u00e4", "/a_b")) {
      change.put(
          new Route(new RouteId("", "test.com", path), List.of(), "", "page", HealthCheck.NONE));
    }
    change.put(new Route(new RouteId("test", "com", ""), List.of(), "", "page", HealthCheck.NONE));
    change.put(
        new Route(new RouteId("", "test.com.", ""), List.of(), "", "page", HealthCheck.NONE));
    change.put(
        new Route(
            new RouteId("", "long.com", "/" + "x".repeat(5000)),
            List.of(),
            "",
            "page",
            HealthCheck.NONE));

    DesiredState stored = store.commit(store.load(), change.build());

    assertThat(stored.routes()).hasSize(14);
    assertThat(reopened()).isEqualTo(stored);
  }
}
