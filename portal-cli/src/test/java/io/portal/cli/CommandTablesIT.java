package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
    assertThat(portal.run(NOTHING, Map.of(), "import", "-").exit()).isZero();
    return Transcript.read(name, Map.of()).stream()
        .map(row -> DynamicTest.dynamicTest(row.command(), () -> check(row)));
  }

  private static void check(Transcript.Row row) throws IOException, InterruptedException {
    for (Map.Entry<String, StringBuilder> file : row.files().entrySet()) {
      Files.writeString(directory.resolve(file.getKey()), file.getValue());
    }
    BuiltPortal.Result result = portal.run(row.input(), Map.of(), row.words());
    if (!row.target().isEmpty()) {
      Files.writeString(directory.resolve(row.target()), result.out());
      result = new BuiltPortal.Result(result.exit(), "", result.err());
    }
    assertThat(result).isEqualTo(row.result());
  }

  @TestFactory
  Stream<DynamicTest> json() throws IOException, InterruptedException {
    return table("json.transcript");
  }
}
