package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.portal.proxy.http.NettyTarget.Kind;
import io.portal.proxy.tls.SelfSigned;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets over TLS and over HTTP/2: bodies, trailers, back-pressure, and shared connections. */
class TargetProtocolsTest {

  private static final long QUIET = TimeUnit.MILLISECONDS.toNanos(500);

  @TempDir private Path directory;

  private final List<Closeable> closed = new ArrayList<>();
  private final ExecutorService clients = Executors.newCachedThreadPool();
  private SelfSigned certificate;

  @BeforeEach
  void certificate() throws Exception {
    certificate = SelfSigned.create(Instant.now(), List.of("localhost"));
  }

  @AfterEach
  void close() throws IOException {
    for (Closeable one : closed) {
      one.close();
    }
    clients.shutdownNow();
  }

  private <T extends Closeable> T kept(T one) {
    closed.add(0, one);
    return one;
  }

  private NettyTarget target(Kind kind) throws Exception {
    return target(kind, 100);
  }

  private NettyTarget target(Kind kind, int streams) throws Exception {
    return kept(new NettyTarget(kind, certificate, streams));
  }

  private Served served(boolean wire, URI... targets) throws Exception {
    return kept(Served.start(wire, builder -> builder.ignoreUpstream(true))).to(targets);
  }

  /** A proxy of a JVM whose trust store has this certificate alone. */
  private Served trusting(boolean wire, SelfSigned trusted, URI target) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("trusted", trusted.certificate());
    Path file = directory.resolve("trust.p12");
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, "secret".toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", file.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "secret");
    try {
      return kept(Served.start(wire, builder -> builder)).to(target);
    } finally {
      System.clearProperty("javax.net.ssl.trustStore");
      System.clearProperty("javax.net.ssl.trustStorePassword");
    }
  }

  static Stream<Arguments> kinds() {
    return Stream.of(Kind.values())
        .flatMap(kind -> Stream.of(true, false).map(wire -> Arguments.of(kind, wire)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void trustsWhoIsInTheTrustStoreUnderItsName(boolean wire) throws Exception {
    for (Kind kind : List.of(Kind.HTTPS, Kind.HTTPS_2)) {
      NettyTarget target = target(kind);
      assertThat(trusting(wire, certificate, target.uri()).ask("GET", "/"))
          .startsWith("HTTP/1.1 200");
      URI otherName = URI.create(target.uri().toString().replace("localhost", "127.0.0.1"));
      assertThat(trusting(wire, certificate, otherName).ask("GET", "/"))
          .startsWith("HTTP/1.1 502")
          .endsWith("Bad Gateway\n");
      SelfSigned another = SelfSigned.create(Instant.now(), List.of("localhost"));
      Served untrusting = trusting(wire, another, target.uri());
      assertThat(untrusting.ask("GET", "/")).startsWith("HTTP/1.1 502");
      assertThat(untrusting.proxy().stats().unhealthy()).containsExactly(target.uri().toString());
      assertThat(served(wire, target.uri()).ask("GET", "/")).startsWith("HTTP/1.1 200");
      assertThat(served(wire, otherName).ask("GET", "/")).startsWith("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void passesBodiesAndTrailersBothWays(Kind kind, boolean wire) throws Exception {
    Served served = served(wire, target(kind).uri());
    String version = kind.second() ? "HTTP/2" : "HTTP/1.1";
    for (int i = 0; i < 3; i++) {
      assertThat(
              served
                  .raw(
                      "POST /t HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nConnection: close, TE\r\n"
                          + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                      "4\r\ndefg\r\n0\r\nX-Asked: yes\r\n\r\n")
                  .toLowerCase(Locale.ROOT))
          .startsWith("http/1.1 200")
          .contains(("POST /t " + version + " bytes=7 trailer=yes").toLowerCase(Locale.ROOT))
          .endsWith("0\r\nx-said: end\r\n\r\n");
      assertThat(served.send("PUT", "/p", 300_000)).contains("PUT /p " + version + " bytes=300000");
      assertThat(served.ask("GET", "/g")).contains("GET /g " + version + " bytes=0");
    }
  }

  /** Waits until a number stands still. */
  private static void standstill(String what, LongSupplier number) {
    long[] last = {number.getAsLong(), System.nanoTime()};
    Served.await(
        what,
        () -> {
          long now = number.getAsLong();
          if (now != last[0]) {
            last[0] = now;
            last[1] = System.nanoTime();
          }
          return now > 0 && System.nanoTime() - last[1] > QUIET;
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void passesNoMoreOfAnAnswerThanItsClientTakes(Kind kind, boolean wire) throws Exception {
    NettyTarget target = target(kind);
    Served served = served(wire, target.uri());
    try (Socket slow = served.connect()) {
      slow.getOutputStream()
          .write("GET /large HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".getBytes());
      standstill("the answer", target::sent);
      assertThat(target.sent()).isLessThan(NettyTarget.LARGE / 2);
      // Nobody else waits for the slow one, though they may share a connection to the target.
      assertThat(served.ask("GET", "/other")).contains("GET /other");
      assertThat(served.send("POST", "/other", 200_000)).contains("bytes=200000");
      long read = 0;
      byte[] buffer = new byte[1 << 16];
      for (int n = slow.getInputStream().read(buffer);
          n >= 0;
          n = slow.getInputStream().read(buffer)) {
        read += n;
      }
      assertThat(read).isGreaterThan(NettyTarget.LARGE);
      assertThat(target.sent()).isEqualTo(NettyTarget.LARGE);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void takesNoMoreOfARequestThanTheTargetTakes(Kind kind, boolean wire) throws Exception {
    NettyTarget target = target(kind);
    Served served = served(wire, target.uri());
    long[] written = {0};
    CompletableFuture<String> answer = new CompletableFuture<>();
    clients.execute(
        () -> {
          try (Socket socket = served.connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(
                ("POST /hold HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: "
                        + NettyTarget.LARGE
                        + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            byte[] part = new byte[1 << 16];
            for (long left = NettyTarget.LARGE; left > 0; left -= part.length) {
              out.write(part);
              synchronized (written) {
                written[0] += part.length;
              }
            }
            answer.complete(
                new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
          } catch (IOException e) {
            answer.completeExceptionally(e);
          }
        });
    Served.await("the request", target::holding);
    standstill(
        "the body",
        () -> {
          synchronized (written) {
            return written[0];
          }
        });
    synchronized (written) {
      assertThat(written[0]).isLessThan(NettyTarget.LARGE / 2);
    }
    target.letGo();
    assertThat(answer.get(30, TimeUnit.SECONDS)).contains("bytes=" + NettyTarget.LARGE);
    assertThat(target.received()).isEqualTo(NettyTarget.LARGE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void holdsUpNoUploadForAnotherOfTheSameConnection(boolean wire) throws Exception {
    NettyTarget target = target(Kind.HTTP);
    Served served =
        kept(Served.start(wire, builder -> builder.tls(Served.ANY).threads(1))).to(target.uri());
    SSLContext trusting = SSLContext.getInstance("TLS");
    trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    HttpClient client = HttpClient.newBuilder().sslContext(trusting).build();
    String base = "https://localhost:" + served.proxy().tlsAddress().getPort();
    HttpRequest.BodyPublisher body =
        HttpRequest.BodyPublishers.ofByteArray(new byte[(int) NettyTarget.LARGE]);
    HttpRequest held = HttpRequest.newBuilder(URI.create(base + "/hold")).POST(body).build();
    HttpRequest other =
        HttpRequest.newBuilder(URI.create(base + "/other"))
            .timeout(Duration.ofSeconds(10))
            .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[300_000]))
            .build();
    assertThat(client.send(other, HttpResponse.BodyHandlers.ofString()).version())
        .isEqualTo(HttpClient.Version.HTTP_2);
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(held, HttpResponse.BodyHandlers.ofString());
    Served.await("the request", target::holding);
    assertThat(client.send(other, HttpResponse.BodyHandlers.ofString()).body())
        .contains("bytes=300000");
    standstill("the held body", target::received);
    assertThat(client.send(other, HttpResponse.BodyHandlers.ofString()).body())
        .contains("bytes=300000");
    target.letGo();
    assertThat(answer.get(60, TimeUnit.SECONDS).body()).contains("bytes=" + NettyTarget.LARGE);
  }

  private List<CompletableFuture<String>> atOnce(Served served, int count, String path) {
    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      answers.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return served.ask("GET", path);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              clients));
    }
    return answers;
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTPS_2", "H2C"})
  void sharesOneConnection(Kind kind) throws Exception {
    NettyTarget target = target(kind);
    Served served = served(true, target.uri());
    for (CompletableFuture<String> answer : atOnce(served, 20, "/together/20")) {
      assertThat(answer.get(20, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200");
    }
    // Those that were opened at the same time are not kept beside the first.
    Served.await("one connection", () -> target.open() == 1);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTPS_2", "H2C"})
  void opensAnotherConnectionWhenOneTakesNoMoreStreams(Kind kind) throws Exception {
    NettyTarget target = target(kind, 2);
    Served served = served(true, target.uri());
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    for (CompletableFuture<String> answer : atOnce(served, 7, "/together/7")) {
      assertThat(answer.get(20, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200");
    }
    assertThat(served.proxy().stats().upstreamErrors()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTPS_2", "H2C"})
  void opensAnotherConnectionWhenATargetSaysItGoesAway(Kind kind) throws Exception {
    NettyTarget target = target(kind);
    Served served = served(true, target.uri());
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    CompletableFuture<String> running = atOnce(served, 1, "/together/2").get(0);
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    target.goAway();
    for (int i = 0; i < 5; i++) {
      assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    }
    assertThat(target.connections()).isEqualTo(2);
    assertThat(served.ask("GET", "/together/2")).startsWith("HTTP/1.1 200");
    assertThat(running.get(20, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTPS_2", "H2C"})
  void asksAgainWhenAStreamWasRefused(Kind kind) throws Exception {
    NettyTarget target = target(kind);
    Served served = served(true, target.uri());
    assertThat(served.ask("GET", "/refuse/1")).startsWith("HTTP/1.1 200");
    // RFC 9113 8.7: whatever the method, nothing was done. But a body that was sent is gone.
    assertThat(served.ask("POST", "/refuse/2")).startsWith("HTTP/1.1 200");
    assertThat(served.send("POST", "/refuse/3", 10)).startsWith("HTTP/1.1 502");
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTPS", "HTTPS_2", "H2C"})
  void asksAgainWhenAUsedConnectionDied(Kind kind) throws Exception {
    NettyTarget target = target(kind);
    Served served = served(true, target.uri());
    assertThat(served.ask("GET", "/die/1")).startsWith("HTTP/1.1 502");
    assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
    assertThat(served.ask("GET", "/die/2")).startsWith("HTTP/1.1 200");
    assertThat(served.ask("POST", "/die/3")).startsWith("HTTP/1.1 502");
  }

  @Test
  void asksForAnUpgradeWithHttp1() throws Exception {
    NettyTarget target = target(Kind.HTTPS_2);
    Served served = served(true, target.uri());
    assertThat(served.ask("GET", "/")).contains("HTTP/2 ");
    assertThat(
            served.raw(
                "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: close, Upgrade\r\n"
                    + "Upgrade: websocket\r\n\r\n"))
        .contains("GET /ws HTTP/1.1 bytes=0")
        .contains("upgrade=websocket");
  }
}
