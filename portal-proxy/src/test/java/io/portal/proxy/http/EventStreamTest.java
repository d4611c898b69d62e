package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Server-sent events: each one passes when it is said, for as long as some come. */
class EventStreamTest {

  private static final int EVENTS = 30;

  /** What the target does with each stream's output. */
  private interface Script {
    void write(OutputStream out) throws Exception;
  }

  private static HttpHandler events(Script script) {
    return (HttpExchange exchange) -> {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        script.write(out);
      } catch (IOException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    };
  }

  private static void say(OutputStream out, int event) throws IOException {
    out.write(("data: " + event + "\n\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /** Asks through a proxy and hands over the lines of the stream as they come. */
  private static List<String> received(
      Script script,
      Limits limits,
      boolean wire,
      String scheme,
      HttpClient.Version version,
      Runnable each)
      throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    HttpServer target =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    target.setExecutor(threads);
    target.createContext("/", events(script));
    target.start();
    List<String> got = new ArrayList<>();
    URI uri = URI.create("http://127.0.0.1:" + target.getAddress().getPort());
    try (Served proxy = Served.before(uri, wire, limits)) {
      HttpClient client =
          HttpClient.newBuilder().sslContext(Served.trusting()).version(version).build();
      int port = proxy.port(scheme.equals("https"));
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + port + "/events"))
              .header("Accept", "text/event-stream")
              .timeout(Duration.ofSeconds(20))
              .build();
      var answer = client.send(request, HttpResponse.BodyHandlers.ofLines());
      assertThat(answer.headers().firstValue("content-type")).hasValue("text/event-stream");
      for (Iterator<String> lines = answer.body().iterator(); lines.hasNext(); ) {
        String line = lines.next();
        if (!line.isEmpty()) {
          got.add(line);
          each.run();
        }
      }
    } finally {
      target.stop(0);
      threads.shutdownNow();
    }
    return got;
  }

  private static List<String> expected() {
    return IntStream.range(0, EVENTS).mapToObj(event -> "data: " + event).toList();
  }

  @ParameterizedTest(name = "as bytes: {0}, {1} {2}")
  @CsvSource({
    "true,http,HTTP_1_1",
    "true,https,HTTP_1_1",
    "true,https,HTTP_2",
    "false,http,HTTP_1_1",
    "false,https,HTTP_1_1",
    "false,https,HTTP_2",
    "true,http,HTTP_2"
  })
  void passOneByOne(boolean wire, String scheme, HttpClient.Version version) throws Exception {
    Semaphore confirmed = new Semaphore(0);
    Script script =
        out -> {
          for (int event = 0; event < EVENTS; event++) {
            say(out, event);
            if (!confirmed.tryAcquire(10, TimeUnit.SECONDS)) {
              throw new IOException("nobody got event " + event);
            }
          }
        };
    assertThat(received(script, Limits.DEFAULT, wire, scheme, version, confirmed::release))
        .isEqualTo(expected());
  }

  @ParameterizedTest(name = "as bytes: {0}")
  @ValueSource(booleans = {true, false})
  void passForLongerThanAClientMaySayNothing(boolean wire) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    Script script =
        out -> {
          for (int event = 0; event < EVENTS; event++) {
            say(out, event);
            never.await(50, TimeUnit.MILLISECONDS);
          }
        };
    Limits limits = Served.idle(Duration.ofSeconds(1));
    assertThat(received(script, limits, wire, "http", HttpClient.Version.HTTP_1_1, () -> {}))
        .isEqualTo(expected());
  }
}
