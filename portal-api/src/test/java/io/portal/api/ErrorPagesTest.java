package io.portal.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.api.config.Setting;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code /errors} is told is what the proxy answers. */
class ErrorPagesTest {

  private static final String PAGES =
      "{\"no-routes\":\"Nothing here\\n\",\"no-healthy\":\"Back soon\\n\"}";

  private final HttpClient client = HttpClient.newHttpClient();

  @TempDir private Path directory;

  private String asked(TestDaemon daemon, String path) throws Exception {
    String proxy = daemon.config().get(Setting.PROXY_HTTP);
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + proxy + path)).build();
    return client.send(request, BodyHandlers.ofString()).body();
  }

  @Test
  void thePagesAreServedAtOnceAndAfterARestart() throws Exception {
    try (TestDaemon daemon = TestDaemon.start(directory)) {
      daemon.ask("PUT", "/errors", PAGES);
      assertThat(asked(daemon, "/")).isEqualTo("Nothing here\n");
      daemon.ask("POST", "/routes", "{\"path\":\"/empty\"}");
      assertThat(asked(daemon, "/empty")).isEqualTo("Back soon\n");
    }
    try (TestDaemon daemon = TestDaemon.start(directory)) {
      assertThat(daemon.ask("GET", "/errors", "").body()).isEqualTo(PAGES + "\n");
      assertThat(asked(daemon, "/")).isEqualTo("Nothing here\n");
    }
  }
}
