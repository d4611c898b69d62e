package io.portal.proxy.http;

import io.portal.proxy.http.NettyTarget.Kind;
import io.portal.proxy.tls.SelfSigned;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Targets, a proxy before them and its clients, closed after each test. */
abstract class TargetsFixture extends Closing {

  final ExecutorService clients = Executors.newCachedThreadPool();
  SelfSigned certificate;

  @BeforeEach
  void certificate() throws Exception {
    certificate = SelfSigned.create(Instant.now(), List.of("localhost"));
  }

  @AfterEach
  void stopClients() {
    clients.shutdownNow();
  }

  NettyTarget target(Kind kind) throws Exception {
    return target(kind, 100);
  }

  NettyTarget target(Kind kind, int streams) throws Exception {
    return kept(new NettyTarget(kind, certificate, streams));
  }

  Served served(boolean wire, URI... targets) throws Exception {
    return kept(Served.start(wire, builder -> builder.ignoreUpstream(true))).to(targets);
  }

  HttpClient second() throws Exception {
    return HttpClient.newBuilder().sslContext(Served.trusting()).build();
  }

  HttpRequest.Builder request(Served served, String path) {
    return HttpRequest.newBuilder(
            URI.create("https://localhost:" + served.proxy().tlsAddress().getPort() + path))
        .timeout(Duration.ofSeconds(30));
  }

  List<CompletableFuture<String>> atOnce(Served served, int count, String path) {
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
}
