package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.portal.proxy.internal.Transports;
import io.portal.proxy.tls.SelfSigned;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which check of a target's certificate failed. */
class HandshakeFaultTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  @TempDir private Path directory;

  /** What dialling a target says, in a JVM whose trust store has this certificate alone. */
  private Throwable dial(SelfSigned trusted, URI uri) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("trusted", trusted.certificate());
    Path file = directory.resolve("trust.p12");
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, "secret".toCharArray());
    }
    System.setProperty("javax.net.ssl.trustStore", file.toString());
    System.setProperty("javax.net.ssl.trustStorePassword", "secret");
    EventLoopGroup loops = Transports.loops("dialling", 1);
    try (Names names = new Names(InetAddress::getAllByName, LIMIT)) {
      Dialer dialer = new Dialer(false, names);
      var dialled = dialer.dial(loops.next(), new Target(uri).place(), false, LIMIT);
      assertThat(dialled.await(20, TimeUnit.SECONDS)).isTrue();
      return dialled.cause();
    } finally {
      System.clearProperty("javax.net.ssl.trustStore");
      System.clearProperty("javax.net.ssl.trustStorePassword");
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, elsewhere, is of no authority in the trust store: unable",
    "localhost, localhost, is not acceptable: signature check failed",
    "127.0.0.1, , is not for this host: No"
  })
  void isNamed(String host, @Nullable String trusted, String expected) throws Exception {
    SelfSigned certificate = SelfSigned.create(Instant.now(), List.of("localhost"));
    SelfSigned known =
        trusted == null ? certificate : SelfSigned.create(Instant.now(), List.of(trusted));
    try (ScriptedTarget target =
        new ScriptedTarget(ScriptedTarget.tls(certificate), (head, i) -> "")) {
      URI uri = URI.create("https://" + host + ":" + target.uri().getPort());
      assertThat(dial(known, uri))
          .isInstanceOf(SSLHandshakeException.class)
          .hasMessageStartingWith("the target's certificate " + expected);
    }
  }

  /** The chain of causes as the JDK builds it (sun.security.validator). */
  @Test
  void isFoundBelowOthers() {
    Throwable failure =
        new SSLHandshakeException("General OpenSslEngine problem")
            .initCause(
                new CertificateException(
                    "PKIX path validation failed",
                    new CertPathValidatorException(
                        "validity check failed", new CertificateExpiredException("NotAfter: x"))));
    assertThat(HandshakeFault.of(failure))
        .hasMessage("the target's certificate has expired: NotAfter: x");
    Throwable refused = new java.net.ConnectException("Connection refused");
    assertThat(HandshakeFault.of(refused)).isSameAs(refused);
  }
}
