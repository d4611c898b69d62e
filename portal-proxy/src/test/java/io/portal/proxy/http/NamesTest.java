package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets by names: those that are slow to look up, or unknown, hold up nobody else. */
class NamesTest {

  private static final Limits PATIENT =
      new Limits(
          32 * 1024,
          8 * 1024,
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          100);

  private final ExecutorService clients = Executors.newCachedThreadPool();
  private final CountDownLatch slow = new CountDownLatch(1);
  private final AtomicInteger slowLookups = new AtomicInteger();
  private final AtomicInteger lookups = new AtomicInteger();
  private ScriptedTarget target;
  private Served served;

  @BeforeEach
  void target() throws IOException {
    target = new ScriptedTarget((head, i) -> "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  }

  @AfterEach
  void close() throws IOException {
    slow.countDown();
    clients.shutdownNow();
    served.close();
    target.close();
  }

  private InetAddress[] lookup(String name) throws UnknownHostException {
    lookups.incrementAndGet();
    if (name.equals("unknown.test")) {
      throw new UnknownHostException(name);
    }
    if (name.equals("slow.test")) {
      slowLookups.incrementAndGet();
      try {
        slow.await(30, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        throw new UnknownHostException(name);
      }
    }
    return new InetAddress[] {InetAddress.getLoopbackAddress()};
  }

  private URI at(String host) {
    return URI.create("http://" + host + ":" + target.uri().getPort());
  }

  private static Route route(String path, URI... targets) {
    return new Route(new RouteId("", "", path), List.of(targets), "", "", HealthCheck.NONE);
  }

  private void start(boolean wire, Limits limits) throws Exception {
    served = Served.start(wire, builder -> builder.lookup(this::lookup).limits(limits));
    served.routes(
        route("/slow", at("slow.test")),
        route("/either", at("slow.test"), at("quick.test")),
        route("/quick", at("quick.test")),
        route("/unknown", at("unknown.test")),
        route("/literal", at("127.0.0.1")));
  }

  private List<CompletableFuture<String>> askSlow(int count) {
    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      answers.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return served.ask("GET", "/slow");
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              clients));
    }
    return answers;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nobodyWaitsForTheNameOfAnother(boolean wire) throws Exception {
    start(wire, PATIENT);
    List<CompletableFuture<String>> waiting = askSlow(40);
    Served.await("a lookup", () -> slowLookups.get() > 0);
    assertThat(served.ask("GET", "/quick")).startsWith("HTTP/1.1 200");
    assertThat(served.send("POST", "/quick", 100_000)).startsWith("HTTP/1.1 200");
    assertThat(served.ask("GET", "/unknown")).startsWith("HTTP/1.1 502");
    assertThat(served.proxy().stats().unhealthy()).containsExactly(at("unknown.test").toString());
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    // All of them wait for one lookup.
    assertThat(slowLookups).hasValue(1);
    slow.countDown();
    for (CompletableFuture<String> answer : waiting) {
      assertThat(answer.get(20, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void givesUpANameThatTakesTooLong(boolean wire) throws Exception {
    start(
        wire,
        new Limits(
            32 * 1024,
            8 * 1024,
            PATIENT.headerRead(),
            PATIENT.idle(),
            Duration.ofMillis(200),
            PATIENT.answer(),
            100));
    assertThat(served.ask("GET", "/slow")).startsWith("HTTP/1.1 502");
    assertThat(served.send("POST", "/either", 10)).startsWith("HTTP/1.1 200");
    assertThat(served.ask("GET", "/quick")).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void looksNoAddressUp(boolean wire) throws Exception {
    start(wire, PATIENT);
    assertThat(served.ask("GET", "/literal")).startsWith("HTTP/1.1 200");
    assertThat(lookups).hasValue(0);
  }
}
