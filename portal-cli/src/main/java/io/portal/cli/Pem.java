package io.portal.cli;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * PEM for people (RFC 7468): whose certificate it is and until when; of a key only that it is one.
 */
final class Pem {

  private Pem() {}

  /** A line about that PEM; any other text as it is. */
  static String line(String text) {
    if (!text.startsWith("-----BEGIN ")) {
      return text;
    }
    if (text.contains("PRIVATE KEY-----")) {
      return "private key";
    }
    try {
      // Of a chain the first, which is the leaf.
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(
                      new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)));
      LocalDate end = LocalDate.ofInstant(certificate.getNotAfter().toInstant(), ZoneOffset.UTC);
      return certificate.getSubjectX500Principal().getName() + " until " + end;
    } catch (CertificateException notOne) {
      return text;
    }
  }
}
