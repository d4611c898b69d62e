package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first request of a TLS connection whose client has Nagle's algorithm (RFC 9293 3.7.4). */
class FirstRequestTest {

  private static final int TRIES = 8;

  /** Below TCP_DELACK_MIN of Linux (net/tcp.h), which each try would take at least. */
  private static final Duration DELAYED = Duration.ofMillis(38);

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void waitsForNoDelayedAcknowledgement(String version) throws Exception {
    byte[] request =
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    long best = Long.MAX_VALUE;
    try (ScriptedTarget target =
            new ScriptedTarget((head, i) -> "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Served proxy = Served.before(target.uri(), true, Limits.DEFAULT)) {
      for (int i = 0; i < TRIES; i++) {
        try (SSLSocket client =
            (SSLSocket)
                Served.trusting()
                    .getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), proxy.port(true))) {
          client.setTcpNoDelay(false);
          client.setSoTimeout(20_000);
          client.setEnabledProtocols(new String[] {version});
          client.startHandshake();
          long start = System.nanoTime();
          client.getOutputStream().write(request);
          assertThat(client.getInputStream().read()).isEqualTo('H');
          best = Math.min(best, System.nanoTime() - start);
        }
      }
    }
    assertThat(Duration.ofNanos(best)).isLessThan(DELAYED);
  }
}
