package io.portal.proxy.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.Cert;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyTable;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code openssl s_client} sees of a proxy's TLS. */
class RealTlsClientsIT {

  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  private static final String LAST = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

  private static final byte[] NOTHING = {};

  @TempDir Path directory;
  private Authority authority;
  private Origin origin;
  private HttpProxy proxy;
  private Cert exact;
  private Cert wildcard;

  @BeforeEach
  void start() throws Exception {
    authority = new Authority(directory);
    exact = authority.issue("exact", "exact.test", "sub.wild.test");
    wildcard = authority.issue("wildcard", "*.wild.test");
    origin = new Origin();
    proxy = HttpProxy.builder().tls(ANY).threads(1).drainLimit(Duration.ofSeconds(2)).start();
    serve(exact, wildcard);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    origin.close();
  }

  private void serve(Cert... certs) throws Exception {
    Route route =
        new Route(new RouteId("", "", ""), List.of(origin.uri()), "", "", HealthCheck.NONE);
    proxy.apply(new ProxyTable(List.of(route), List.of(certs), ErrorPages.DEFAULT));
  }

  private String[] arguments(String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of("s_client", "-connect", "127.0.0.1:" + proxy.tlsAddress().getPort(), "-ign_eof"));
    arguments.addAll(List.of("-CAfile", authority.certificate().toString()));
    arguments.addAll(List.of(more));
    return arguments.toArray(new String[0]);
  }

  /** A handshake, a request and its answer, to the server's close. */
  private Program.Output connect(String... more) throws Exception {
    return Program.of("openssl").run(LAST, List.of(arguments(more)));
  }

  @ParameterizedTest
  @CsvSource({
    "exact.test,-tls1_3,exact",
    "EXACT.test,-tls1_3,exact",
    "exact.test,-tls1_2,exact",
    "a.wild.test,-tls1_3,wildcard",
    "a.wild.test,-tls1_2,wildcard",
    "sub.wild.test,-tls1_3,exact"
  })
  void aNamePicksItsCertificateInWhicheverVersion(String name, String version, String expected)
      throws Exception {
    String printed =
        connect("-servername", name, "-verify_hostname", name, "-verify_return_error", version)
            .expectSuccess();
    assertThat(printed)
        .contains("subject=CN = " + expected + "\n")
        .contains("Verification: OK\nVerified peername: ")
        .contains("New, " + (version.equals("-tls1_3") ? "TLSv1.3" : "TLSv1.2") + ", Cipher is ")
        .contains("HTTP/1.1 200 OK\r\n")
        .contains("\r\n\r\n" + Origin.answer("GET /", "none", NOTHING));
  }

  @ParameterizedTest
  @ValueSource(strings = {"other.test", "wild.test", "a.b.wild.test", "exact.test.other"})
  void otherNamesGetTheDefaultCertificate(String name) throws Exception {
    assertThat(connect("-servername", name).expectSuccess())
        .contains("subject=CN = portal.local\n")
        .contains("HTTP/1.1 200 OK\r\n");
  }

  @Test
  void noNameGetsTheDefaultCertificate() throws Exception {
    assertThat(connect("-noservername").expectSuccess()).contains("subject=CN = portal.local\n");
  }

  @ParameterizedTest
  @CsvSource({"'h2,http/1.1',h2", "http/1.1,http/1.1"})
  void theApplicationProtocolIsAgreedOn(String offered, String chosen) throws Exception {
    assertThat(Program.of("openssl").run("Q\n", List.of(withoutEof("-alpn", offered))).all())
        .contains("ALPN protocol: " + chosen + "\n");
  }

  /** Ends at the end of its input, not at the server's close. */
  private String[] withoutEof(String... more) {
    List<String> arguments = new ArrayList<>(List.of(arguments(more)));
    arguments.remove("-ign_eof");
    return arguments.toArray(new String[0]);
  }

  @ParameterizedTest
  @CsvSource({"-tls1_3,TLSv1.3", "-tls1_2,TLSv1.2"})
  void aSessionIsResumedAlsoAfterATableWasApplied(String option, String version) throws Exception {
    String session = directory.resolve("session").toString();
    assertThat(connect("-servername", "exact.test", option, "-sess_out", session).expectSuccess())
        .contains("New, " + version);
    serve(exact);
    assertThat(connect("-servername", "exact.test", option, "-sess_in", session).expectSuccess())
        .contains("Reused, " + version)
        .contains("HTTP/1.1 200 OK\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_1", "-tls1"})
  void oldVersionsAreRefused(String version) throws Exception {
    Program.Output output =
        connect("-servername", "exact.test", version, "-cipher", "DEFAULT@SECLEVEL=0");
    assertThat(output.status()).isEqualTo(1);
    assertThat(output.all()).contains("alert protocol version").contains("Cipher is (NONE)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256"})
  void ciphersWithoutForwardSecrecyOrAuthenticationAreRefused(String cipher) throws Exception {
    Program.Output output =
        connect("-servername", "exact.test", "-tls1_2", "-cipher", cipher + ":@SECLEVEL=0");
    assertThat(output.status()).isEqualTo(1);
    assertThat(output.all()).contains("alert handshake failure").contains("Cipher is (NONE)");
  }

  @Test
  void aNewCertificateIsForTheNextHandshakeAndOpenConnectionsStay() throws Exception {
    Process open =
        Program.of("openssl").start(arguments("-servername", "exact.test", "-quiet", "-tls1_3"));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(open.getInputStream(), US_ASCII))) {
      assertThat(ask(open, lines, "/before"))
          .isEqualTo(Origin.answer("GET /before", "none", NOTHING));
      serve(authority.issue("replaced", "exact.test"));
      assertThat(connect("-servername", "exact.test").expectSuccess())
          .contains("subject=CN = replaced\n");
      assertThat(ask(open, lines, "/after"))
          .isEqualTo(Origin.answer("GET /after", "none", NOTHING));
      serve();
      assertThat(connect("-servername", "exact.test").expectSuccess())
          .contains("subject=CN = portal.local\n");
      assertThat(ask(open, lines, "/at-last"))
          .isEqualTo(Origin.answer("GET /at-last", "none", NOTHING));
    } finally {
      open.destroyForcibly().waitFor();
    }
  }

  /** A request over an open connection, and the line that it is answered with. */
  private static String ask(Process client, BufferedReader lines, String path) throws Exception {
    client
        .getOutputStream()
        .write(("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(US_ASCII));
    client.getOutputStream().flush();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("GET ")) {
        return line + "\n";
      }
    }
    return "closed";
  }
}
