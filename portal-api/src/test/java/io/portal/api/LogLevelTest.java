package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.api.config.Config;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log's level changes while the daemon runs. */
class LogLevelTest {

  private static final Logger log = LoggerFactory.getLogger("io.portal.core.Anything");

  @TempDir private Path directory;

  @Test
  void aPutIsInEffectWhenItIsAnswered() throws Exception {
    try (TestDaemon daemon = TestDaemon.start(directory)) {
      assertThat(log.isWarnEnabled()).isFalse();
      daemon.ask("PUT", "/log-level", "{\"level\":\"trace\"}");
      assertThat(log.isTraceEnabled()).isTrue();
      daemon.ask("PUT", "/log-level", "{\"level\":\"WARN\"}");
      assertThat(log.isInfoEnabled()).isFalse();
      assertThat(log.isWarnEnabled()).isTrue();
      assertThat(daemon.ask("PUT", "/log-level", "{\"level\":\"loud\"}").statusCode())
          .isEqualTo(400);
      assertThat(daemon.ask("GET", "/log-level", "").body()).isEqualTo("{\"level\":\"warn\"}\n");
    }
  }

  @Test
  void aReloadTakesTheFilesLevelAndAWrongFileChangesNothing() throws Exception {
    Path file = directory.resolve("portal.yaml");
    Map<String, String> flags = Map.of("conf", file.toString());
    try (TestDaemon daemon = TestDaemon.start(directory)) {
      Files.writeString(file, "log-level: DEBUG\n");
      daemon.daemon().reload(() -> Config.load(flags, Map.of()));
      assertThat(log.isDebugEnabled()).isTrue();
      Files.writeString(file, "log-level: LOUD\n");
      daemon.daemon().reload(() -> Config.load(flags, Map.of()));
      assertThat(daemon.ask("GET", "/log-level", "").body()).isEqualTo("{\"level\":\"debug\"}\n");
      Files.writeString(file, "log-level: error\n");
      daemon.daemon().reload(() -> Config.load(flags, Map.of()));
      assertThat(log.isWarnEnabled()).isFalse();
      Files.writeString(file, "LOG-LEVEL: FATAL\n");
      daemon.daemon().reload(() -> Config.load(flags, Map.of()));
      assertThat(log.isWarnEnabled()).isFalse();
      assertThat(log.isErrorEnabled()).isTrue();
    }
  }
}
