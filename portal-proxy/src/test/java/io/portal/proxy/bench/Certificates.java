package io.portal.proxy.bench;

import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * RSA-2048 certificates as files, one for each host, all with one key.
 *
 * @param directory of the files
 */
record Certificates(Path directory) {

  /** Writes certificates for the first hosts. */
  static Certificates write(Path directory, int count) throws Exception {
    Certificates certificates = new Certificates(directory);
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    String key = pem(new JcaPKCS8Generator(pair.getPrivate(), null));
    Files.writeString(certificates.key(), key);
    ContentSigner signer = new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate());
    Instant now = Instant.now();
    for (int number = 0; number < count; number++) {
      String host = Setup.host(number);
      X500Name name = new X500Name("CN=" + host);
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              BigInteger.valueOf(number + 1L),
              Date.from(now.minus(Duration.ofDays(1))),
              Date.from(now.plus(Duration.ofDays(30))),
              name,
              pair.getPublic());
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(new GeneralName(GeneralName.dNSName, host)));
      String chain = pem(builder.build(signer));
      Files.writeString(certificates.chain(number), chain);
      Files.writeString(certificates.bundle(number), chain + key);
    }
    return certificates;
  }

  private static String pem(Object content) throws Exception {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(content);
    }
    return text.toString();
  }

  Path key() {
    return directory.resolve("key.pem");
  }

  Path chain(int number) {
    return directory.resolve(number + ".pem");
  }

  /** Certificate and key in one file. */
  Path bundle(int number) {
    return directory.resolve(number + ".bundle");
  }
}
