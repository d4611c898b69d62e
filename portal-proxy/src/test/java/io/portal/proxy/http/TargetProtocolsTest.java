package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.proxy.http.NettyTarget.Kind;
import io.portal.proxy.tls.SelfSigned;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets over TLS and over HTTP/2: bodies, trailers, back-pressure. */
class TargetProtocolsTest extends TargetsFixture {

  /** More than any window. */
  private static final int MUCH = 5_000_000;

  @TempDir private Path directory;

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

  @ParameterizedTest
  @MethodSource("kinds")
  void passesBodiesOfHttp2Clients(Kind kind, boolean wire) throws Exception {
    Served served =
        kept(Served.start(wire, builder -> builder.tls(Served.ANY).ignoreUpstream(true)))
            .to(target(kind).uri());
    HttpClient client = second();
    HttpResponse<String> sent =
        client.send(
            request(served, "/p").PUT(BodyPublishers.ofByteArray(new byte[MUCH])).build(),
            BodyHandlers.ofString());
    assertThat(sent.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(sent.body()).contains("bytes=" + MUCH);
    HttpResponse<InputStream> large =
        client.send(request(served, "/some").build(), BodyHandlers.ofInputStream());
    assertThat(count(large)).isEqualTo(NettyTarget.SOME);
    HttpRequest head = request(served, "/h").method("HEAD", BodyPublishers.noBody()).build();
    assertThat(client.send(head, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
  }

  /** One connection has streams that pass as bytes beside those that pass through codecs. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void passesAnswersOfAllKindsOnOneConnection(boolean wire) throws Exception {
    Served served =
        kept(Served.start(wire, builder -> builder.tls(Served.ANY).ignoreUpstream(true)));
    List<Route> routes = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      RouteId id = new RouteId("", "", "/" + kind);
      routes.add(new Route(id, List.of(target(kind).uri()), "/", "", HealthCheck.NONE));
    }
    served.routes(routes.toArray(Route[]::new));
    HttpClient client = second();
    assertThat(client.send(request(served, "/HTTP/x").build(), BodyHandlers.ofString()).version())
        .isEqualTo(HttpClient.Version.HTTP_2);
    List<CompletableFuture<Long>> answers = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      answers.add(
          client
              .sendAsync(
                  request(served, "/" + kind + "/some").build(), BodyHandlers.ofInputStream())
              .thenApplyAsync(TargetProtocolsTest::count, clients));
    }
    for (CompletableFuture<Long> answer : answers) {
      assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(NettyTarget.SOME);
    }
  }

  private static long count(HttpResponse<InputStream> answer) {
    try (InputStream body = answer.body()) {
      return body.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void passesAnAnswerToAHead(Kind kind, boolean wire) throws Exception {
    Served served = served(wire, target(kind).uri());
    for (int i = 0; i < 2; i++) {
      assertThat(served.ask("HEAD", "/")).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n");
      assertThat(served.ask("GET", "/")).contains("GET / ");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTPS_2", "H2C"})
  void passesAnAnswerThatComesBeforeTheRequestsEnd(Kind kind) throws Exception {
    Served served = served(true, target(kind).uri());
    for (int i = 0; i < 2; i++) {
      try (Socket socket = served.connect()) {
        OutputStream out = socket.getOutputStream();
        out.write("POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n".getBytes());
        StringBuilder got = new StringBuilder();
        while (!got.toString().endsWith("\r\nx-said: end\r\n\r\n")) {
          int next = socket.getInputStream().read();
          assertThat(next).as(got.toString()).isNotNegative();
          got.append((char) next);
        }
        assertThat(got).startsWith("HTTP/1.1 200").contains("POST /early");
        // The rest is swallowed, and the connection serves the next request.
        out.write(new byte[1_000_000]);
        out.write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".getBytes());
        assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
            .contains("GET / ");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void closesConnectionsThatAreIdleForTooLong(Kind kind, boolean wire) throws Exception {
    NettyTarget target = target(kind);
    Limits brief =
        new Limits(
            32 * 1024,
            8 * 1024,
            Duration.ofSeconds(20),
            Duration.ofMillis(400),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            100);
    Served served =
        kept(Served.start(wire, builder -> builder.ignoreUpstream(true).limits(brief)))
            .to(target.uri());
    for (int i = 1; i <= 2; i++) {
      assertThat(served.ask("GET", "/")).startsWith("HTTP/1.1 200");
      assertThat(target.connections()).isEqualTo(i);
      Served.await("closed", () -> target.open() == 0);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void passesNoMoreOfAnAnswerThanItsClientTakes(Kind kind, boolean wire) throws Exception {
    NettyTarget target = target(kind);
    Served served = served(wire, target.uri());
    try (Socket slow = served.connect()) {
      slow.getOutputStream()
          .write("GET /large HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".getBytes());
      Served.standstill("the answer", target::sent);
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
    Served.standstill(
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
    HttpClient client = second();
    BodyPublisher body = BodyPublishers.ofByteArray(new byte[(int) NettyTarget.SOME]);
    HttpRequest held = request(served, "/hold").POST(body).build();
    HttpRequest other =
        request(served, "/other").POST(BodyPublishers.ofByteArray(new byte[300_000])).build();
    assertThat(client.send(other, BodyHandlers.ofString()).version())
        .isEqualTo(HttpClient.Version.HTTP_2);
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(held, BodyHandlers.ofString());
    Served.await("the request", target::holding);
    assertThat(client.send(other, BodyHandlers.ofString()).body()).contains("bytes=300000");
    Served.standstill("the held body", target::received);
    assertThat(client.send(other, BodyHandlers.ofString()).body()).contains("bytes=300000");
    target.letGo();
    assertThat(answer.get(60, TimeUnit.SECONDS).body()).contains("bytes=" + NettyTarget.SOME);
  }
}
