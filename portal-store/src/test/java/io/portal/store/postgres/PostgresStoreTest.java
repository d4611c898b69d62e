package io.portal.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.InvalidException;
import io.portal.core.model.RouteId;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.port.StaleStateException;
import io.portal.core.port.StateStore;
import io.portal.core.port.StateStoreContract;
import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.servers.RealPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresStoreTest extends StateStoreContract {

  private static RealPostgres server;
  private String url;

  @BeforeAll
  static void startServer() throws Exception {
    server = RealPostgres.start();
  }

  @AfterAll
  static void stopServer() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @Override
  protected StateStore open() throws Exception {
    if (url == null) {
      url = server.newDatabase();
    }
    return PostgresStore.open(url);
  }

  @BeforeEach
  void haveADatabase() throws Exception {
    if (url == null) {
      url = server.newDatabase();
    }
  }

  private static StateChange put(int number) {
    return new StateChange.Builder().put(service(number)).build();
  }

  @Test
  void tellsTheOthersAndTheyReadJustWhatChanged() throws Exception {
    Semaphore told = new Semaphore(0);
    try (PostgresStore one = PostgresStore.open(url);
        PostgresStore two = PostgresStore.open(url)) {
      two.onRemoteChange(told::release);
      assertThat(told.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      DesiredState first = one.commit(one.load(), put(1));
      assertThat(told.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      DesiredState seen = two.load();
      assertThat(seen).isEqualTo(first);

      StateChange change =
          new StateChange.Builder().put(service(2)).remove(service(1).id()).build();
      DesiredState second = one.commit(first, change);

      assertThat(told.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      assertThat(two.load()).isEqualTo(second);
      assertThatThrownBy(() -> two.commit(first, put(3))).isInstanceOf(StaleStateException.class);
    }
  }

  @Test
  void losesNoneOfManyDaemonsCommits() throws Exception {
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    for (int w = 0; w < 3; w++) {
      int writer = w;
      writers.add(
          CompletableFuture.runAsync(
              () -> {
                try (PostgresStore store = PostgresStore.open(url)) {
                  DesiredState state = store.load();
                  for (int i = 0; i < 50; ) {
                    try {
                      state = store.commit(state, put(writer * 100 + i));
                      i++;
                    } catch (StaleStateException e) {
                      state = store.load();
                    }
                  }
                } catch (StoreException e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    for (CompletableFuture<Void> writer : writers) {
      writer.get(120, TimeUnit.SECONDS);
    }
    try (PostgresStore store = PostgresStore.open(url)) {
      assertThat(store.load().services()).hasSize(150);
      assertThat(store.load().revision()).isEqualTo(150);
    }
  }

  @Test
  void takesOverTheOldPortalsTables() throws Exception {
    String old = server.newDatabase();
    server.executeIn(
        old,
        """
        CREATE TABLE services (serviceId SERIAL PRIMARY KEY, id TEXT UNIQUE, host TEXT,
          interface TEXT, port INTEGER, type TEXT, scheduler TEXT, persistence INTEGER,
          netmask TEXT);
        CREATE TABLE servers (serverId SERIAL PRIMARY KEY,
          serviceId TEXT REFERENCES services (id), id TEXT UNIQUE, host TEXT, port INTEGER,
          forwarder TEXT, weight TEXT, upperThreshold TEXT, lowerThreshold TEXT);
        CREATE TABLE routes (routeId SERIAL PRIMARY KEY, subdomain TEXT, domain TEXT, path TEXT,
          targets TEXT, fwdPath TEXT, page TEXT);
        CREATE TABLE certs (certId SERIAL PRIMARY KEY, cert TEXT, key TEXT);
        CREATE TABLE vips (vipId SERIAL PRIMARY KEY, ip TEXT, interface TEXT, alias TEXT);
        INSERT INTO services (id, host, interface, port, type, scheduler, persistence, netmask)
          VALUES ('tcp-127_0_0_3-80', '127.0.0.3', '', 80, 'tcp', 'rr', 300, '');
        INSERT INTO servers (serviceId, id, host, port, forwarder, weight, upperThreshold,
            lowerThreshold)
          VALUES ('tcp-127_0_0_3-80', '10_0_0_1-8080', '10.0.0.1', 8080, 'm', '5', '10', '1');
        INSERT INTO routes (subdomain, domain, path, targets, fwdPath, page)
          VALUES ('admin', 'test.com', '/', 'http://10.0.0.1:80,http://10.0.0.2:80', '', ''),
            ('', 'page.com', '', '', '', '&lt;b&gt;5 &amp;amp; 6&lt;/b&gt;');
        INSERT INTO certs (cert, key) VALUES ('A CERT', 'A KEY');
        INSERT INTO vips (ip, interface, alias) VALUES ('10.0.0.9', 'eth0', 'eth0:1');
        """);

    try (PostgresStore store = PostgresStore.open(old)) {
      DesiredState state = store.load();

      assertThat(state.revision()).isEqualTo(1);
      Service service = state.services().get(ServiceId.parse("tcp-127_0_0_3-80").orElseThrow());
      assertThat(service.settings().persistence()).hasSeconds(300);
      assertThat(service.servers()).hasSize(1);
      assertThat(service.servers().get(0).settings().upperThreshold()).isEqualTo(10);
      assertThat(state.routes().get(new RouteId("admin", "test.com", "/")).targets()).hasSize(2);
      assertThat(state.routes().get(new RouteId("", "page.com", "")).page())
          .isEqualTo("<b>5 &amp; 6</b>");
      assertThat(state.certs()).containsKey("A CERT");
      assertThat(state.vips()).hasSize(1);
      store.commit(state, new StateChange.Builder().remove(service.id()).build());
    }
    try (PostgresStore store = PostgresStore.open(old)) {
      assertThat(store.load().services()).isEmpty();
    }
  }

  @Test
  void namesTheOldRowThatCannotBeTakenOver() throws Exception {
    String old = server.newDatabase();
    server.executeIn(
        old,
        "CREATE TABLE vips (vipId SERIAL PRIMARY KEY, ip TEXT, interface TEXT, alias TEXT);"
            + "INSERT INTO vips (ip, interface, alias) VALUES ('nonsense', 'eth0', '');");

    assertThatThrownBy(() -> PostgresStore.open(old))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("table vips, row 'nonsense' cannot be taken over:");
  }

  @Test
  void refusesTablesOfANewerPortal() throws Exception {
    PostgresStore.open(url).close();
    server.executeIn(url, "UPDATE portal_schema SET version = 999");

    assertThatThrownBy(() -> PostgresStore.open(url))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("of a newer portal: version 999");

    server.executeIn(url, "UPDATE portal_schema SET version = 1");
  }

  @Test
  void readsEverythingAgainWhenTheDatabaseIsAnotherOne() throws Exception {
    try (PostgresStore store = PostgresStore.open(url)) {
      DesiredState first = store.commit(store.load(), put(1));
      assertThat(store.load()).isEqualTo(first);
      server.executeIn(
          url, "UPDATE portal_state SET epoch = gen_random_uuid(); DELETE FROM portal_item");

      assertThat(store.load().services()).isEmpty();
    }
  }

  @Test
  void keepsPasswordsOutOfMessages() {
    assertThatThrownBy(() -> PostgresStore.open("postgres://me:se cret@h/d"))
        .isInstanceOf(InvalidException.class)
        .hasMessageNotContaining("cret");
    PostgresUrl parsed = PostgresUrl.parse("postgresql://me:p%40+ss@[::1]/d?sslmode=require");
    assertThat(parsed.properties())
        .containsEntry("user", "me")
        .containsEntry("password", "p@+ss")
        .containsEntry("sslmode", "require");
    assertThat(parsed).hasToString("jdbc:postgresql://[::1]:5432/d");
  }

  @Test
  void refusesAWriteBehindSomebodysTableLock() throws Exception {
    try (PostgresStore store = PostgresStore.open(url)) {
      DesiredState first = store.commit(store.load(), put(1));
      long before;
      try (AutoCloseable lock = server.lockTable(url, "portal_item")) {
        before = System.nanoTime();
        assertThatThrownBy(() -> store.commit(first, put(2)))
            .isInstanceOf(StoreUnavailableException.class)
            .hasMessageContaining("lock timeout (SQLSTATE 55P03)");
      }
      assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(10));
      assertThat(store.commit(first, put(3)).services()).hasSize(2);
    }
  }

  @Test
  void saysWithinSecondsThatAConnectionIsDead() throws Exception {
    Semaphore told = new Semaphore(0);
    try (PostgresStore store = PostgresStore.open(url)) {
      store.onRemoteChange(told::release);
      assertThat(told.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      assertThat(store.problems()).isEmpty();
      long before = System.nanoTime();
      server.signal("STOP");
      try {
        while (store.problems().isEmpty()) {
          assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(10));
          TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(store.problems().get("store")).contains("is away", "no response in time");
      } finally {
        server.signal("CONT");
      }
      told.drainPermits();
      assertThat(told.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      assertThat(store.problems()).isEmpty();
    }
  }
}
