package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.api.config.Setting;
import io.portal.core.model.ServiceId;
import io.portal.store.json.ModelJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables of commands, each a process against a daemon that is one too: standard output, standard
 * error and exit code to the letter. The daemon is told {@code --just-proxy}, so that it takes
 * services that no host need have the addresses or the kernel for. In a table each row builds on
 * those before it.
 */
class CommandTablesIT {

  private static final String NOTHING =
      "{\"vips\":[],\"certs\":[],\"services\":[],\"routes\":[],"
          + "\"errors\":{\"no-routes\":\"NoRoutes\\n\",\"no-healthy\":\"NoHealthy\\n\"}}";

  private static final ServiceId SOME = ServiceId.parse("tcp-10_0_0_1-80").orElseThrow();

  @TempDir private static Path directory;
  private static BuiltPortal portal;

  @BeforeAll
  static void start() throws IOException {
    portal =
        BuiltPortal.start(
            "lvs", DemoPlaces.free(1), directory, Map.of("PORTAL_JUST_PROXY", "true"));
  }

  @AfterAll
  static void stop() {
    if (portal != null) {
      portal.close();
    }
  }

  private static Stream<DynamicTest> table(String name) throws IOException, InterruptedException {
    assertThat(portal.runWith(NOTHING, "import", "-").exit()).isZero();
    String settings =
        Stream.of(Setting.values()).map(Setting::key).collect(Collectors.joining(", "));
    return portal.table(
        name,
        Map.of(
            "SETTINGS", settings,
            "VERSION", Version.text(),
            "SERVICE", String.join(", ", ModelJson.SERVICE.fields()),
            "SERVER", String.join(", ", ModelJson.servers(SOME).fields()),
            "ROUTE", String.join(", ", ModelJson.ROUTE.fields())));
  }

  @TestFactory
  Stream<DynamicTest> flags() throws IOException, InterruptedException {
    return table("flags.transcript");
  }

  @TestFactory
  Stream<DynamicTest> json() throws IOException, InterruptedException {
    return table("json.transcript");
  }

  @TestFactory
  Stream<DynamicTest> interfacesAndMarks() throws IOException, InterruptedException {
    return table("places.transcript");
  }

  @TestFactory
  Stream<DynamicTest> output() throws IOException, InterruptedException {
    return table("output.transcript");
  }

  @TestFactory
  Stream<DynamicTest> documentsAndRules() throws IOException, InterruptedException {
    return table("state.transcript");
  }

  @TestFactory
  Stream<DynamicTest> configuration() throws IOException, InterruptedException {
    return table("config.transcript");
  }
}
