package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The flow control of HTTP/2 holds up a stream, not its connection (RFC 9113 5.2). */
class SlowStreamTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final int MORE_THAN_BUFFERS_HOLD = 48 << 20;

  private static HttpRequest post(Served proxy, String path, int length) {
    return HttpRequest.newBuilder(URI.create("https://localhost:" + proxy.port(true) + path))
        .timeout(Duration.ofSeconds(20))
        .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[length]))
        .build();
  }

  @ParameterizedTest(name = "as bytes: {0}")
  @ValueSource(booleans = {true, false})
  void anUploadThatATargetDoesNotReadHoldsUpNoOther(boolean wire) throws Exception {
    CountDownLatch stuck = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    ScriptedTarget.Script script =
        (head, i) -> {
          if (head.startsWith("POST /stuck ")) {
            stuck.countDown();
            try {
              over.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return ScriptedTarget.CLOSE;
          }
          return OK;
        };
    try (ScriptedTarget target = new ScriptedTarget(script);
        Served proxy = Served.before(target.uri(), wire, Limits.DEFAULT)) {
      HttpClient client = HttpClient.newBuilder().sslContext(Served.trusting()).build();
      HttpResponse.BodyHandler<String> text = HttpResponse.BodyHandlers.ofString();
      assertThat(client.send(post(proxy, "/", 1), text).version())
          .isEqualTo(HttpClient.Version.HTTP_2);
      var upload = client.sendAsync(post(proxy, "/stuck", MORE_THAN_BUFFERS_HOLD), text);
      assertThat(stuck.await(20, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < 100; i++) {
        assertThat(client.send(post(proxy, "/other", 2000), text).body()).isEqualTo("ok");
      }
      assertThat(upload).isNotDone();
      over.countDown();
    }
  }
}
