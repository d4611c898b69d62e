package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which servers a client believes. */
class TrustTest {

  @TempDir private static Path directory;
  private static RecordingApi api;
  private static Path certificate;

  @BeforeAll
  static void start() throws IOException {
    api = new RecordingApi();
    certificate = Files.writeString(directory.resolve("cert.pem"), TestTls.certificate());
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static CommandLine.Outcome show(String... words) {
    String[] all = new String[words.length + 2];
    all[0] = "show-vips";
    all[1] = "-P" + api.port();
    System.arraycopy(words, 0, all, 2, words.length);
    return new CommandLine().run(all);
  }

  @Test
  void anUnknownCertificateIsRefusedWithAWayOut() {
    CommandLine.Outcome outcome = show("-w", directory.resolve("none").toString());

    assertThat(outcome.exit()).isEqualTo(Exit.UNREACHABLE);
    assertThat(outcome.err())
        .contains("is not trusted (SHA-256 ")
        .contains(directory.resolve("none/api-cert.pem").toString())
        .contains("-C FILE, or -i");
  }

  @Test
  void theCertificateInTheWorkDirectoryIsTrustedUnderAnyName() throws IOException {
    Path work = Files.createDirectories(directory.resolve("work"));
    Files.copy(certificate, work.resolve(Trust.OWN_CERTIFICATE));

    assertThat(show("-w", work.toString(), "-H", "127.0.0.1").exit()).isEqualTo(Exit.OK);
  }

  @Test
  void soIsTheOneThatIsNamed() {
    assertThat(show("-C", certificate.toString()).exit()).isEqualTo(Exit.OK);
  }

  @Test
  void insecureTrustsAnybody() {
    assertThat(show("-i").exit()).isEqualTo(Exit.OK);
  }

  @Test
  void anotherCertificateIsNotEnough() throws IOException {
    Path other = directory.resolve("other.pem");
    Files.writeString(other, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

    assertThat(show("-C", other.toString()).exit()).isEqualTo(Exit.UNREACHABLE);
    Path none = Files.writeString(directory.resolve("none.pem"), "no certificate");
    assertThat(show("-C", none.toString()).err()).contains("cannot read the certificate");
  }
}
