package io.portal.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.SslContext;
import io.portal.core.InvalidException;
import io.portal.core.model.Cert;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
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
    Instant now = Instant.now();
    return certificate(pair, now.minusSeconds(60), now.plusSeconds(3600), names);
  }

  private static String certificate(KeyPair pair, Instant from, Instant to, String... names)
      throws Exception {
    X500Principal subject = new X500Principal("CN=" + names[0]);
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            subject, BigInteger.ONE, Date.from(from), Date.from(to), subject, pair.getPublic());
    GeneralName[] alternatives = new GeneralName[names.length];
    for (int i = 0; i < names.length; i++) {
      alternatives[i] = new GeneralName(GeneralName.dNSName, names[i]);
    }
    builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
    String algorithm =
        switch (pair.getPrivate().getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EdDSA" -> "Ed25519";
          default -> "SHA256withECDSA";
        };
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

    CertificateTable table =
        CertificateTable.of(fallback, "a.example.com", Instant::now).with(List.of(wild, exact));

    SslContext ofExact = table.map("a.example.com");
    SslContext ofWild = table.map("b.example.com");
    assertThat(List.of(ofExact, ofWild, fallback)).doesNotHaveDuplicates();
    assertThat(table.map("A.Example.Com")).isSameAs(ofExact);
    assertThat(table.map("a.b.example.com")).as("a star is one label").isSameAs(ofExact);
    assertThat(table.map("example.com")).isSameAs(ofExact);
    assertThat(table.map("com")).isSameAs(ofExact);
    assertThat(table.map(null)).isSameAs(ofExact);

    CertificateTable next = table.with(List.of(exact));
    assertThat(next.map("a.example.com")).as("sessions resume").isSameAs(ofExact);
    assertThat(next.map("b.example.com")).isSameAs(ofExact);
    assertThat(next.with(List.of()).map("a.example.com")).as("none is left").isSameAs(fallback);
  }

  private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

  private static Cert cert(KeyPair pair, int fromDay, int toDay, String... names) throws Exception {
    Instant from = START.plus(Duration.ofDays(fromDay));
    Instant to = START.plus(Duration.ofDays(toDay));
    return new Cert(certificate(pair, from, to, names), Pem.text(pair.getPrivate()));
  }

  private static CertificateTable table(AtomicReference<Instant> clock, String defaultName)
      throws Exception {
    SelfSigned own = SelfSigned.create(START, List.of("portal.local"));
    SslContext fallback = ServerCertificate.context(own.key(), List.of(own.certificate()));
    return CertificateTable.of(fallback, defaultName, clock::get);
  }

  /** Whatever order they come in, and with others beside them. */
  @Test
  void theValidOneThatEndsLastIsServed() throws Exception {
    KeyPair pair = pair("EC", 256);
    Cert old = cert(pair, -90, 10, "a.example.com");
    Cert renewed = cert(pair, -20, 70, "a.example.com", "b.example.com");
    Cert coming = cert(pair, 30, 120, "a.example.com");
    AtomicReference<Instant> clock = new AtomicReference<>(START);
    List<Cert> certs = new ArrayList<>(List.of(old, renewed, coming));
    for (int i = 0; i < 40; i++) {
      certs.add(cert(pair, -i, i, "n" + i + ".example.com"));
    }
    for (int round = 0; round < 6; round++) {
      Collections.shuffle(certs, new Random(round));
      CertificateTable all = table(clock, "").with(certs);
      SslContext ofRenewed = all.map("b.example.com");
      SslContext ofOld = table(clock, "").with(List.of(old)).map("a.example.com");
      assertThat(all.map("a.example.com")).isSameAs(ofRenewed).isNotSameAs(ofOld);

      clock.set(START.plus(Duration.ofDays(40)));
      SslContext later = all.map("a.example.com");
      assertThat(later).as("ends last, once it is valid").isNotSameAs(ofRenewed);
      clock.set(START.plus(Duration.ofDays(15)));
      assertThat(all.map("a.example.com")).as("not valid yet").isSameAs(ofRenewed);
      clock.set(START.plus(Duration.ofDays(200)));
      assertThat(all.map("a.example.com")).as("all expired").isSameAs(later);
      clock.set(START);
    }
  }

  @Test
  void aClientGetsAKeyThatItCanCheckAndRatherEc() throws Exception {
    Cert rsa = cert(pair("RSA", 2048), -1, 90, "a.example.com", "rsa.example.com");
    Cert ec = cert(pair("EC", 256), -1, 30, "a.example.com", "ec.example.com");
    AtomicReference<Instant> clock = new AtomicReference<>(START);
    CertificateTable table = table(clock, "").with(List.of(rsa, ec));
    SslContext ofRsa = table.map("rsa.example.com");
    SslContext ofEc = table.map("ec.example.com");
    ClientOffer both = new ClientOffer(true, Set.of(0x1301), Set.of(0x0403, 0x0804));
    ClientOffer onlyRsa = new ClientOffer(true, Set.of(0x1301), Set.of(0x0804, 0x0401));
    ClientOffer oldRsa = new ClientOffer(false, Set.of(0xc02f), Set.of());
    ClientOffer oldEc = new ClientOffer(false, Set.of(0xc02b), Set.of(0x0403, 0x0401));

    assertThat(table.choose("a.example.com", both)).isSameAs(ofEc);
    assertThat(table.choose("a.example.com", onlyRsa)).isSameAs(ofRsa);
    assertThat(table.choose("a.example.com", oldRsa)).isSameAs(ofRsa);
    assertThat(table.choose("a.example.com", oldEc)).isSameAs(ofEc);
    assertThat(table.choose("ec.example.com", onlyRsa)).as("there is no other").isSameAs(ofEc);
    clock.set(START.plus(Duration.ofDays(31)));
    assertThat(table.choose("a.example.com", both)).as("EC expired").isSameAs(ofRsa);
  }

  @Test
  void unknownNamesGetTheDefault() throws Exception {
    KeyPair pair = pair("EC", 256);
    Cert first = cert(pair, -50, 90, "first.example.com");
    Cert second = cert(pair, -10, 90, "second.example.com");
    AtomicReference<Instant> clock = new AtomicReference<>(START);
    CertificateTable none = table(clock, "");
    CertificateTable unset = none.with(List.of(second, first));
    assertThat(unset.map(null))
        .isSameAs(unset.map("other.example.org"))
        .isSameAs(unset.map("first.example.com"))
        .isNotSameAs(none.map(null));
    CertificateTable named = table(clock, "second.example.com").with(List.of(first, second));
    assertThat(named.map(null)).isSameAs(named.map("second.example.com"));
    CertificateTable gone = table(clock, "third.example.com").with(List.of(first, second));
    assertThat(gone.map("x")).isSameAs(gone.map("first.example.com"));
  }

  @Test
  void saysWhyClientsMayNotTakeIt() throws Exception {
    KeyPair small = pair("RSA", 1024);
    KeyPair pair = pair("EC", 256);
    String leaf = certificate(small, "a.example.com");
    String other = certificate(pair, "b.example.com");
    assertThat(
            ServerCertificate.of(new Cert(leaf + other, Pem.text(small.getPrivate()))).weaknesses())
        .containsExactly(
            "RSA key of 1024 bits: clients want 2048 or more",
            "certificate 2 of its chain (CN=b.example.com) did not issue the one before it");
    assertThat(ServerCertificate.of(new Cert(other, Pem.text(pair.getPrivate()))).weaknesses())
        .isEmpty();
  }
}
