package io.portal.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.model.Addresses;
import io.portal.core.model.Cert;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.model.Server;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.model.ServiceType;
import io.portal.core.port.StoreException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileStoreTest {

  @TempDir Path directory;

  static Service service(int number, int servers) {
    ServiceId id =
        new ServiceId(
            ServiceType.TCP,
            Addresses.parse(
                "host", "10." + number / 65536 + "." + number / 256 % 256 + "." + number % 256),
            80);
    return new Service(
        id,
        ServiceSettings.DEFAULT,
        Stream.iterate(1, i -> i + 1)
            .limit(servers)
            .map(i -> new ServerId(Addresses.parse("host", "192.168.0." + i), 80))
            .map(server -> new Server(server, ServerSettings.DEFAULT))
            .toList());
  }

  private static StateChange put(Service service) {
    return new StateChange.Builder().put(service).build();
  }

  private List<String> names(String in) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(in))) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  private void write(String name, String content) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private void oldDirectory() throws IOException {
    write(
        "services/tcp-127_0_0_3-1234.json",
        """
        {
        \t"id": "tcp-127_0_0_3-1234",
        \t"host": "127.0.0.3",
        \t"port": 1234,
        \t"type": "tcp",
        \t"scheduler": "rr",
        \t"persistence": 0,
        \t"netmask": "",
        \t"servers": [
        \t\t{
        \t\t\t"id": "127_0_0_1-8080",
        \t\t\t"host": "127.0.0.3",
        \t\t\t"port": 8080,
        \t\t\t"forwarder": "m",
        \t\t\t"weight": 5,
        \t\t\t"upper_threshold": 10,
        \t\t\t"lower_threshold": 1
        \t\t}
        \t]
        }\
        """);
    write(
        "routes/admin-test_com-_admin.json",
        "{\"subdomain\":\"admin\",\"domain\":\"test.com\",\"path\":\"/admin\","
            + "\"targets\":[\"http://127.0.0.1:8080\"],\"fwdpath\":\"/\",\"page\":\"\"}");
    write("certs/abc.json", "{\"cert\":\"A CERT\",\"key\":\"A KEY\"}");
    write("vips/10_0_0_9-eth0.json", "{\"ip\":\"10.0.0.9\",\"interface\":\"eth0\",\"alias\":\"\"}");
    write("services/half.json.tmp", "{");
  }

  @Test
  void takesOverADirectoryOfTheOldPortal() throws Exception {
    oldDirectory();

    try (FileStore store = FileStore.open(directory)) {
      DesiredState state = store.load();

      assertThat(state.revision()).isEqualTo(1);
      Service service = state.services().get(ServiceId.parse("tcp-127_0_0_3-1234").orElseThrow());
      assertThat(service.servers().get(0).id()).hasToString("127_0_0_3-8080");
      assertThat(state.routes()).containsKey(new RouteId("admin", "test.com", "/admin"));
      assertThat(state.certs()).containsKey("A CERT");
      assertThat(state.vips()).hasSize(1);
    }
    assertThat(names("routes")).containsExactly("admin-test_com-_admin.json");
    assertThat(Files.getPosixFilePermissions(directory.resolve("certs/abc.json")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(Files.getPosixFilePermissions(directory.resolve("certs")))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void renamesOldFilesWhenTheyChange() throws Exception {
    oldDirectory();
    RouteId id = new RouteId("admin", "test.com", "/admin");
    Route changed = new Route(id, List.of(), "", "page", HealthCheck.NONE);
    try (FileStore store = FileStore.open(directory)) {
      store.commit(store.load(), new StateChange.Builder().put(changed).build());
      assertThat(names("routes")).hasSize(1).doesNotContain("admin-test_com-_admin.json");
    }
    try (FileStore store = FileStore.open(directory)) {
      assertThat(store.load().routes().values()).containsExactly(changed);
      assertThat(store.load().revision()).isEqualTo(2);
      store.commit(store.load(), new StateChange.Builder().remove(id).build());
      assertThat(names("routes")).isEmpty();
    }
  }

  /** Each was written by a Go portal, which took it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"host":"[fd00::1]","port":80,"type":"tcp","scheduler":"rr"}        | tcp-fd00::1-80
          {"host":"localhost","port":80,"type":"tcp","scheduler":"rr"}        | tcp-127_0_0_1-80
          {"host":"10.0.0.1","port":1,"type":"tcp","scheduler":"rr","servers":[{"host":"localhost","port":2,"forwarder":"m"}]} | tcp-10_0_0_1-1
          """)
  void takesOverWhatHasAMeaning(String json, String id) throws Exception {
    write("services/old.json", json);
    DesiredState state;
    try (FileStore store = FileStore.open(directory)) {
      state = store.load();
      assertThat(state.services().keySet()).hasToString("[" + id + "]");
      assertThat(store.problems()).isEmpty();
      store.verify();
    }
    // Brackets are taken as they are; a name that was looked up is stored as the address it had.
    assertThat(names("services")).containsExactly((json.contains("[fd") ? "old" : id) + ".json");
    try (FileStore store = FileStore.open(directory)) {
      assertThat(store.load().services()).isEqualTo(state.services());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          services/tcp--0.json | {"host":"","port":0,"type":"tcp","scheduler":"rr"}
          services/a.json      | {"host":"no.such.invalid","port":1,"type":"tcp","scheduler":"rr"}
          services/b.json      | {"host":"10.0.0.1","port":80,"type":"tcp","scheduler":"best"}
          services/c.json      | {}
          routes/d.json        | {"domain":"a.b","path":"/","targets":["localhost:8080"]}
          routes/e.json        | {"domain":"a.b","path":"/","targets":[""]}
          certs/f.json         | {"cert":"A CERT"}
          """)
  void setsAsideWhatHasNone(String name, String json) throws Exception {
    oldDirectory();
    write(name, json);
    for (int start = 0; start < 3; start++) {
      try (FileStore store = FileStore.open(directory)) {
        DesiredState state = store.load();
        assertThat(state.services()).hasSize(1);
        assertThat(state.routes()).hasSize(1);
        assertThat(store.problems()).containsOnlyKeys("store: " + name + ".set-aside");
        store.verify();
        store.commit(state, put(service(7, start + 1)));
        store.commit(store.load(), new StateChange.Builder().remove(service(7, 1).id()).build());
      }
      assertThat(directory.resolve(name + ".set-aside")).hasContent(json);
    }
    Files.delete(directory.resolve(name + ".set-aside"));
    try (FileStore store = FileStore.open(directory)) {
      assertThat(store.problems()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "services/a.json,{",
    "routes/c.json,[]",
    "certs/d.json,{\"cert\":\"A CERT",
    "vips/e.json,''",
    "errors.json,x",
    "revision,x"
  })
  void namesADamagedFileAndTouchesNothing(String name, String content) throws Exception {
    oldDirectory();
    write(name, content);

    assertThatThrownBy(() -> FileStore.open(directory))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(directory.resolve(name) + ": damaged");

    assertThat(directory.resolve(name)).hasContent(content);
    Files.delete(directory.resolve(name));
    try (FileStore store = FileStore.open(directory)) {
      assertThat(store.load().services()).hasSize(1);
    }
  }

  @Test
  void keepsKeysFromOthers() throws Exception {
    try (FileStore store = FileStore.open(directory)) {
      store.commit(
          store.load(), new StateChange.Builder().put(new Cert("A CERT", "A KEY")).build());

      for (String file : List.of("certs/" + names("certs").get(0), "journal")) {
        assertThat(Files.getPosixFilePermissions(directory.resolve(file)))
            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      }
    }
  }

  @Test
  void refusesASecondUser() throws Exception {
    try (FileStore store = FileStore.open(directory)) {
      assertThatThrownBy(() -> FileStore.open(directory))
          .isInstanceOf(StoreException.class)
          .hasMessage(
              directory + " is in use by another portal, process " + ProcessHandle.current().pid());
      store.commit(store.load(), put(service(1, 1)));
    }
    FileStore.open(directory).close();
  }

  @Test
  void leavesTheOthersAloneWhenOneChanges() throws Exception {
    try (FileStore store = FileStore.open(directory)) {
      StateChange.Builder many = new StateChange.Builder();
      for (int i = 1; i < 100; i++) {
        many.put(service(i, 1));
      }
      DesiredState state = store.commit(store.load(), many.build());
      long journal = Files.size(directory.resolve("journal"));

      store.commit(state, put(service(5, 2)));

      assertThat(Files.size(directory.resolve("journal")) - journal).isLessThan(1000);
    }
    assertThat(directory.resolve("journal")).isEmptyFile();
  }

  @Test
  void aDiskThatDoesNotTakeTheCommitChangesNothing() throws Exception {
    FailingDisk disk = new FailingDisk();
    try (FileStore store = FileStore.open(directory, disk)) {
      DesiredState before = store.commit(store.load(), put(service(1, 1)));

      disk.failNext("append");
      assertThatThrownBy(() -> store.commit(before, put(service(2, 1))))
          .isInstanceOf(StoreException.class)
          .hasMessage("write " + directory.resolve("journal") + ": No space left on device");
      disk.failNext("force");
      assertThatThrownBy(() -> store.commit(before, put(service(2, 1))))
          .isInstanceOf(StoreException.class);

      assertThat(store.load()).isEqualTo(before);
      DesiredState after = store.commit(before, put(service(3, 1)));
      store.abandon();
      try (FileStore reopened = FileStore.open(directory)) {
        assertThat(reopened.load()).isEqualTo(after);
      }
    }
  }

  @Test
  void aCommitIsWholeThoughItsFilesCannotBeWrittenYet() throws Exception {
    FailingDisk disk = new FailingDisk();
    DesiredState after;
    try (FileStore store = FileStore.open(directory, disk)) {
      disk.failNext("rename");
      after = store.commit(store.load(), put(service(2, 1)));
    }
    try (FileStore store = FileStore.open(directory)) {
      assertThat(store.load()).isEqualTo(after);
    }
  }

  @Test
  void loadsThousandsOfServices() throws Exception {
    StateChange.Builder many = new StateChange.Builder();
    for (int i = 1; i <= 10_000; i++) {
      many.put(service(i, 10));
    }
    DesiredState stored;
    try (FileStore store = FileStore.open(directory)) {
      stored = store.commit(store.load(), many.build());
    }
    long start = System.nanoTime();
    try (FileStore store = FileStore.open(directory)) {
      System.out.printf(
          "10,000 services of 10 servers loaded in %d ms%n",
          (System.nanoTime() - start) / 1_000_000);
      assertThat(store.load()).isEqualTo(stored);
    }
  }

  /** A disk of which one step fails. */
  private static final class FailingDisk extends Disk {

    private String failing = "";

    void failNext(String operation) {
      failing = operation;
    }

    @Override
    void step(String operation, Path path) throws IOException {
      if (operation.equals(failing)) {
        failing = "";
        throw new IOException("No space left on device");
      }
    }
  }
}
