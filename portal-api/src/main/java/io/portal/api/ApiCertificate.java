package io.portal.api;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.portal.api.config.Config;
import io.portal.api.config.ConfigException;
import io.portal.api.config.Setting;
import io.portal.core.model.Addresses;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;

/**
 * The API's certificate: what {@code api-cert} and {@code api-key} name, else one of its own making
 * that is kept in the work directory.
 */
final class ApiCertificate {

  /** Where the certificate of its own making is, in the work directory. */
  static final String CERT_FILE = "api-cert.pem";

  private static final String KEY_FILE = "api-key.pem";

  private ApiCertificate() {}

  /**
   * The TLS that the API speaks.
   *
   * @throws ConfigException if certificate or key cannot be read, or do not belong together
   */
  static SslContext context(Config config) {
    String cert = config.get(Setting.API_CERT);
    String key = config.get(Setting.API_KEY);
    if (cert.isEmpty() != key.isEmpty()) {
      throw new ConfigException("api-cert and api-key: give both or none");
    }
    Path certFile = Path.of(cert);
    Path keyFile = Path.of(key);
    String password = config.get(Setting.API_KEY_PASSWORD);
    try {
      if (cert.isEmpty()) {
        Path directory = config.path(Setting.WORK_DIR);
        certFile = directory.resolve(CERT_FILE);
        keyFile = directory.resolve(KEY_FILE);
        password = "";
        if (!Files.exists(certFile) || !Files.exists(keyFile)) {
          Files.createDirectories(directory);
          make(certFile, keyFile, config.api().getAddress());
        }
      }
      return SslContextBuilder.forServer(readKey(keyFile, password), readCerts(certFile))
          .sslProvider(SslProvider.JDK)
          .protocols("TLSv1.3", "TLSv1.2")
          .build();
    } catch (NoSuchFileException e) {
      throw new ConfigException("api-cert, api-key: there is no file " + e.getFile());
    } catch (IOException
        | GeneralSecurityException
        | OperatorCreationException
        | PKCSException
        | IllegalArgumentException e) {
      throw new ConfigException(
          "api-cert " + certFile + ", api-key " + keyFile + ": " + e.getMessage());
    }
  }

  private static X509Certificate[] readCerts(Path file) throws IOException, GeneralSecurityException {
    List<X509Certificate> chain = new ArrayList<>();
    try (Reader reader = Files.newBufferedReader(file);
        PEMParser parser = new PEMParser(reader)) {
      for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
        if (object instanceof X509CertificateHolder holder) {
          chain.add(new JcaX509CertificateConverter().getCertificate(holder));
        }
      }
    }
    if (chain.isEmpty()) {
      throw new IOException("no PEM certificate in " + file);
    }
    return chain.toArray(X509Certificate[]::new);
  }

  private static PrivateKey readKey(Path file, String password)
      throws IOException, OperatorCreationException, PKCSException {
    try (Reader reader = Files.newBufferedReader(file);
        PEMParser parser = new PEMParser(reader)) {
      JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
      for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
        if (object instanceof PKCS8EncryptedPrivateKeyInfo encrypted) {
          return converter.getPrivateKey(
              encrypted.decryptPrivateKeyInfo(
                  new JceOpenSSLPKCS8DecryptorProviderBuilder().build(password.toCharArray())));
        } else if (object instanceof PEMEncryptedKeyPair encrypted) {
          return converter.getPrivateKey(
              encrypted
                  .decryptKeyPair(
                      new JcePEMDecryptorProviderBuilder().build(password.toCharArray()))
                  .getPrivateKeyInfo());
        } else if (object instanceof PrivateKeyInfo plain) {
          return converter.getPrivateKey(plain);
        } else if (object instanceof PEMKeyPair pair) {
          // A SEC1 key may come without its public half.
          return converter.getPrivateKey(pair.getPrivateKeyInfo());
        }
      }
    }
    throw new IOException("no PEM private key in " + file);
  }

  private static void make(Path certFile, Path keyFile, InetAddress listen)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    List<GeneralName> names = new ArrayList<>();
    names.add(new GeneralName(GeneralName.dNSName, "portal.local"));
    names.add(new GeneralName(GeneralName.dNSName, "localhost"));
    names.add(new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
    names.add(new GeneralName(GeneralName.iPAddress, "::1"));
    if (!listen.isAnyLocalAddress() && !listen.isLoopbackAddress()) {
      names.add(new GeneralName(GeneralName.iPAddress, Addresses.text(listen)));
    }
    X500Name name = new X500Name("CN=portal.local");
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            name,
            new BigInteger(127, new SecureRandom()),
            Date.from(now.minus(Duration.ofDays(1))),
            Date.from(now.plus(Duration.ofDays(3650))),
            name,
            pair.getPublic());
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(names.toArray(GeneralName[]::new)));
    X509CertificateHolder cert =
        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
    write(keyFile, new JcaPKCS8Generator(pair.getPrivate(), null), "rw-------");
    write(certFile, cert, "rw-r--r--");
  }

  private static void write(Path file, Object object, String permissions) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    Path aside =
        Files.createTempFile(
            file.toAbsolutePath().getParent(),
            ".portal",
            ".pem",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
    Files.writeString(aside, text.toString());
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
