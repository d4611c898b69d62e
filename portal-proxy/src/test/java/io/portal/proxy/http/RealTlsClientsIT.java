package io.portal.proxy.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.Cert;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
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

  private static final String LAST = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  private static final byte[] NOTHING = {};

  @TempDir private Path directory;
  private Loopback loopback;
  private Authority authority;
  private Cert exact;

  @BeforeEach
  void start() throws Exception {
    loopback = new Loopback(directory, true);
    authority = loopback.authority();
    exact = authority.issue("exact", "exact.test", "sub.wild.test");
    loopback.serve(exact, authority.issue("wildcard", "*.wild.test"));
  }

  @AfterEach
  void stop() throws Exception {
    loopback.close();
  }

  private String[] arguments(String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of("s_client", "-connect", "127.0.0.1:" + loopback.tlsPort(), "-ign_eof"));
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
        .contains("subject=CN = exact\n")
        .contains("HTTP/1.1 200 OK\r\n");
  }

  @Test
  void noNameGetsTheDefaultCertificate() throws Exception {
    assertThat(connect("-noservername").expectSuccess()).contains("subject=CN = exact\n");
    loopback.serve();
    assertThat(connect("-noservername").expectSuccess()).contains("subject=CN = portal.local\n");
  }

  @ParameterizedTest
  @CsvSource({
    "-tls1_3, ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256, elliptic",
    "-tls1_3, rsa_pss_rsae_sha256:ed25519, rsa",
    "-tls1_3, ed25519, edwards",
    "-tls1_2, ECDSA+SHA256:RSA+SHA256, elliptic",
    "-tls1_2, RSA+SHA256, rsa"
  })
  void ofSeveralKeysForOneNameTheClientGetsOneThatItCanCheck(
      String version, String schemes, String expected) throws Exception {
    loopback.serve(
        authority.issueRsa("rsa", "many.test"),
        authority.issueEd25519("edwards", "many.test"),
        authority.issue("elliptic", "many.test"));
    assertThat(connect("-servername", "many.test", version, "-sigalgs", schemes).expectSuccess())
        .contains("subject=CN = " + expected + "\n")
        .contains("HTTP/1.1 200 OK\r\n");
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
    loopback.serve(exact);
    assertThat(connect("-servername", "exact.test", option, "-sess_in", session).expectSuccess())
        .contains("Reused, " + version)
        .contains("HTTP/1.1 200 OK\r\n");
  }

  @Test
  void aSessionOfAnotherCertificateIsNotResumed() throws Exception {
    String session = directory.resolve("session").toString();
    connect("-servername", "exact.test", "-sess_out", session).expectSuccess();
    loopback.serve(authority.issue("replaced", "exact.test"));
    assertThat(connect("-servername", "exact.test", "-sess_in", session).expectSuccess())
        .contains("New, TLSv1.3")
        .contains("subject=CN = replaced\n");
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
  @CsvSource({
    "exact.test,ECDHE-ECDSA-AES128-GCM-SHA256",
    "exact.test,ECDHE-ECDSA-AES256-GCM-SHA384",
    "exact.test,ECDHE-ECDSA-CHACHA20-POLY1305",
    "rsa.test,ECDHE-RSA-AES128-GCM-SHA256",
    "rsa.test,ECDHE-RSA-AES256-GCM-SHA384",
    "rsa.test,ECDHE-RSA-CHACHA20-POLY1305"
  })
  void ciphersWithForwardSecrecyAndAuthenticationAreTaken(String name, String cipher)
      throws Exception {
    loopback.serve(exact, authority.issueRsa("rsa", "rsa.test"));
    assertThat(connect("-servername", name, "-tls1_2", "-cipher", cipher).expectSuccess())
        .contains("New, TLSv1.2, Cipher is " + cipher + "\n");
  }

  @ParameterizedTest
  @CsvSource({
    "exact.test,ECDHE-ECDSA-AES128-SHA",
    "exact.test,ECDHE-ECDSA-AES128-SHA256",
    "rsa.test,ECDHE-RSA-AES128-SHA",
    "rsa.test,AES128-GCM-SHA256",
    "rsa.test,AES128-SHA",
    "rsa.test,DHE-RSA-AES128-GCM-SHA256"
  })
  void otherCiphersAreRefused(String name, String cipher) throws Exception {
    loopback.serve(exact, authority.issueRsa("rsa", "rsa.test"));
    Program.Output output =
        connect("-servername", name, "-tls1_2", "-cipher", cipher + ":@SECLEVEL=0");
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
      loopback.serve(authority.issue("replaced", "exact.test"));
      assertThat(connect("-servername", "exact.test").expectSuccess())
          .contains("subject=CN = replaced\n");
      assertThat(ask(open, lines, "/after"))
          .isEqualTo(Origin.answer("GET /after", "none", NOTHING));
      loopback.serve();
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
