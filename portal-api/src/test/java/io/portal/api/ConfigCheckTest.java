package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.api.config.Config;
import io.portal.api.config.ConfigException;
import io.portal.core.model.ErrorPages;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.RevisionedStore;
import io.portal.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a configuration before anything runs. */
class ConfigCheckTest {

  @TempDir private Path directory;

  private ConfigCheck.Findings check(String... keysAndValues) {
    Map<String, String> flags = new HashMap<>();
    flags.put("work-dir", directory.resolve("work").toString());
    flags.put("db-connection", "scribble://" + directory.resolve("db"));
    for (int i = 0; i < keysAndValues.length; i += 2) {
      flags.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return ConfigCheck.run(Config.load(flags, Map.of()));
  }

  @Test
  void nothingIsMade() throws IOException {
    assertThat(check()).isEqualTo(new ConfigCheck.Findings(List.of(), List.of()));
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void everyFaultIsTold() {
    assertThat(check("api-host", "0.0.0.0", "api-cert", directory + "/none.pem").faults())
        .hasSize(2)
        .anyMatch(fault -> fault.contains("api-host 0.0.0.0 without api-token"))
        .anyMatch(fault -> fault.contains("api-cert and api-key: give both or none"));
  }

  @Test
  void theStoreIsReadAndLeftAsItIs() throws Exception {
    String connection = "scribble://" + directory.resolve("db");
    try (RevisionedStore store = Stores.open(connection)) {
      DesiredState base = store.load();
      store.commit(base, new StateChange.Builder().pages(new ErrorPages("a", "b")).build());
      // It is in use here, and can be read all the same.
      assertThat(check().notes())
          .containsExactly(connection + " can be read: services 0, routes 0, certs 0, vips 0");
    }
  }

  @Test
  void aDamagedStoreIsNamedByItsOwnPath() throws Exception {
    Path services = Files.createDirectories(directory.resolve("db/services"));
    Files.writeString(services.resolve("tcp-10_0_0_1-80.json"), "{\"host\":");

    ConfigCheck.Findings findings = check();

    assertThat(findings.faults()).hasSize(1);
    assertThat(findings.faults().get(0))
        .contains(services.resolve("tcp-10_0_0_1-80").toString())
        .doesNotContain("portal-check");
  }

  @Test
  void everyAddressWantsAToken() {
    Config config = Config.load(Map.of("api-host", ""), Map.of());
    assertThatThrownBy(() -> ConfigCheck.token(config))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("api-host '' (all addresses) without api-token");
  }
}
