package io.portal.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslContext;
import io.portal.core.InvalidException;
import io.portal.core.model.Cert;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which certs can be served, under which names. */
class ServerCertificateTest {

  private static KeyPair pair(String algorithm, int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private static String certificate(KeyPair pair, String... names) throws Exception {
    X500Principal subject = new X500Principal("CN=" + names[0]);
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            subject,
            BigInteger.ONE,
            Date.from(now.minusSeconds(60)),
            Date.from(now.plusSeconds(3600)),
            subject,
            pair.getPublic());
    GeneralName[] alternatives = new GeneralName[names.length];
    for (int i = 0; i < names.length; i++) {
      alternatives[i] = new GeneralName(GeneralName.dNSName, names[i]);
    }
    builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
    String algorithm =
        pair.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    return Pem.text(
        new JcaX509CertificateConverter()
            .getCertificate(
                builder.build(new JcaContentSignerBuilder(algorithm).build(pair.getPrivate()))));
  }

  @ParameterizedTest
  @CsvSource({"RSA, 2048", "EC, 256", "EC, 384"})
  void belongsToItsKeyAndToNoOther(String algorithm, int bits) throws Exception {
    KeyPair pair = pair(algorithm, bits);
    String text = certificate(pair, "a.example.com", "*.B.example.com");
    ServerCertificate served = ServerCertificate.of(new Cert(text, Pem.text(pair.getPrivate())));
    assertThat(served.names()).containsExactly("*.b.example.com", "a.example.com");

    for (KeyPair other : List.of(pair(algorithm, bits), pair("RSA", 2048), pair("EC", 256))) {
      assertThatThrownBy(() -> ServerCertificate.of(new Cert(text, Pem.text(other.getPrivate()))))
          .isInstanceOf(InvalidException.class)
          .hasMessage("Invalid key: it does not belong to the certificate of CN=a.example.com");
    }
  }

  @Test
  void isChosenByExactNameThenWildcardThenDefault() throws Exception {
    KeyPair pair = pair("EC", 256);
    String key = Pem.text(pair.getPrivate());
    Cert exact = new Cert(certificate(pair, "a.example.com"), key);
    Cert wild = new Cert(certificate(pair, "*.example.com"), key);
    SelfSigned own = SelfSigned.create(Instant.now(), List.of("portal.local"));
    SslContext fallback = ServerCertificate.context(own.key(), List.of(own.certificate()));

    CertificateTable table = CertificateTable.of(fallback).with(List.of(wild, exact));

    SslContext ofExact = table.map("a.example.com");
    SslContext ofWild = table.map("b.example.com");
    assertThat(List.of(ofExact, ofWild, fallback)).doesNotHaveDuplicates();
    assertThat(table.map("A.Example.Com")).isSameAs(ofExact);
    assertThat(table.map("a.b.example.com")).as("a star is one label").isSameAs(fallback);
    assertThat(table.map("example.com")).isSameAs(fallback);
    assertThat(table.map("com")).isSameAs(fallback);
    assertThat(table.map(null)).isSameAs(fallback);

    CertificateTable next = table.with(List.of(exact));
    assertThat(next.map("a.example.com")).as("sessions resume").isSameAs(ofExact);
    assertThat(next.map("b.example.com")).isSameAs(fallback);
  }
}
