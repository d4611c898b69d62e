package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What testssl thinks of a proxy's TLS, and of what the proxy lets through from a careful site. */
class TlsScanIT {

  /** In testssl's flat JSON every finding has these members, in this order. */
  private static final Pattern FINDING =
      Pattern.compile(
          "\"id\"\\s*:\\s*\"([^\"]*)\"[^{]*?"
              + "\"severity\"\\s*:\\s*\"([^\"]*)\"[^{]*?"
              + "\"finding\"\\s*:\\s*\"([^\"]*)\"");

  /** About the scanner itself: its openssl knows no GOST ciphers. */
  private static final String OF_THE_SCANNER = "engine_problem";

  /** Protocols, ciphers, forward secrecy, preferences, defaults, headers, vulnerabilities. */
  private static final String SECTIONS = "-p -s -f -P -S -h -U";

  /** What has to be praised, so that a scan that got nowhere is not taken for a good one. */
  private static final List<String> PRAISED =
      Splitter.on(' ')
          .splitToList(
              "SSLv2 SSLv3 TLS1_2 TLS1_3 ALPN_HTTP2"
                  + " cipherlist_NULL cipherlist_aNULL cipherlist_EXPORT cipherlist_LOW"
                  + " cipherlist_STRONG PFS PFS_ECDHE_curves cipher_order protocol_negotiated"
                  + " cert_signatureAlgorithm cert_keySize cert_trust cert_chain_of_trust"
                  + " cert_expirationStatus HSTS_time X-Frame-Options X-Content-Type-Options"
                  + " heartbleed CCS ticketbleed ROBOT secure_renego secure_client_renego"
                  + " CRIME_TLS BREACH POODLE_SSL fallback_SCSV SWEET32 FREAK DROWN LOGJAM BEAST"
                  + " LUCKY13 RC4");

  @TempDir private Path directory;

  @Test
  void nothingIsFound() throws Exception {
    Path file = directory.resolve("findings.json");
    try (Loopback loopback = new Loopback(directory, true)) {
      // The names and addresses are the test's own: the DNS has nothing to say about them.
      String options =
          "--quiet --color 0 --warnings off --nodns none --ip 127.0.0.1 --add-ca "
              + loopback.authority().certificate()
              + " --jsonfile "
              + file;
      Program.Output output =
          Program.of("testssl")
              .within(Duration.ofMinutes(5))
              .run(
                  "",
                  Splitter.on(' ')
                      .splitToList(options + " " + SECTIONS + " localhost:" + loopback.tlsPort()));
      Map<String, MatchResult> findings = new HashMap<>();
      FINDING
          .matcher(Files.readString(file))
          .results()
          .forEach(finding -> findings.put(finding.group(1), finding));
      assertThat(findings.values())
          .as(output.all())
          .filteredOn(finding -> !Set.of("OK", "INFO").contains(finding.group(2)))
          .filteredOn(finding -> !finding.group(1).equals(OF_THE_SCANNER))
          .extracting(finding -> finding.group(1) + ": " + finding.group(3))
          .isEmpty();
      assertThat(PRAISED)
          .as(output.all())
          .allSatisfy(id -> assertThat(findings).containsKey(id))
          .allSatisfy(id -> assertThat(findings.get(id).group(2)).isEqualTo("OK"));
      assertThat(findings.get("TLS1").group(3)).isEqualTo("not offered");
      assertThat(findings.get("TLS1_1").group(3)).isEqualTo("not offered");
      assertThat(findings.get("sessionresumption_ticket").group(3)).isEqualTo("supported");
    }
  }
}
