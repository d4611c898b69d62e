package io.portal.proxy.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.portal.core.InvalidException;
import io.portal.core.model.Cert;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate that can be served: the names it is for and its TLS context. BoringSSL where its
 * native library loads, the JDK's TLS elsewhere.
 *
 * @param names host names in lower case, wildcards as {@code *.example.com}
 * @param context TLS 1.2 and 1.3, ALPN {@code h2} and {@code http/1.1}
 * @param kind what its key is called by, the preferred ones first
 * @param subject whom it is for
 * @param notBefore when it becomes valid
 * @param notAfter when it expires
 * @param weaknesses for which clients may not take it, in words; empty for none
 */
public record ServerCertificate(
    Set<String> names,
    SslContext context,
    KeyKind kind,
    String subject,
    Instant notBefore,
    Instant notAfter,
    List<String> weaknesses) {

  private static final Logger log = LoggerFactory.getLogger(ServerCertificate.class);
  private static final int SAN_DNS = 2;
  private static final int LEAST_RSA = 2048;

  /** Forward secrecy and authenticated encryption only (RFC 9325 4.2). */
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** A choice of HTTP/2 and HTTP/1.1, the first rather than the second (RFC 7301). */
  public static final ApplicationProtocolConfig ALPN =
      new ApplicationProtocolConfig(
          ApplicationProtocolConfig.Protocol.ALPN,
          ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
          ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_2,
          ApplicationProtocolNames.HTTP_1_1);

  private static final X509TrustManager NO_CLIENTS =
      new X509TrustManager() {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
          throw new CertificateException("no certificate of a client was asked for");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
          throw new CertificateException("this is the server's side");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
          return new X509Certificate[0];
        }
      };

  /**
   * Reads a cert.
   *
   * @throws InvalidException if it is no PEM, does not parse, or the key belongs to another one
   */
  public static ServerCertificate of(Cert cert) {
    List<X509Certificate> chain;
    PrivateKey key;
    try {
      chain = Pem.certificates(cert.cert());
    } catch (IOException e) {
      throw new InvalidException("Invalid cert: " + e.getMessage());
    }
    try {
      key = Pem.privateKey(cert.key(), "");
    } catch (IOException e) {
      throw new InvalidException("Invalid key: " + e.getMessage());
    }
    X509Certificate leaf = chain.get(0);
    if (!belongs(leaf.getPublicKey(), key)) {
      throw new InvalidException(
          "Invalid key: it does not belong to the certificate of "
              + leaf.getSubjectX500Principal().getName());
    }
    try {
      return new ServerCertificate(
          names(leaf),
          context(key, chain),
          KeyKind.of(leaf.getPublicKey()),
          leaf.getSubjectX500Principal().getName(),
          leaf.getNotBefore().toInstant(),
          leaf.getNotAfter().toInstant(),
          weaknesses(chain));
    } catch (SSLException | CertificateParsingException | RuntimeException e) {
      // TLS libraries throw much unchecked; whatever a client sends is the client's fault.
      throw new InvalidException("Invalid cert: it cannot be served: " + e.getMessage());
    }
  }

  /** Whether it is within its time. */
  boolean valid(Instant now) {
    return !now.isBefore(notBefore) && now.isBefore(notAfter);
  }

  /** Logs why clients may not take it; nothing if they will. */
  void warn(Instant now) {
    if (!now.isBefore(notAfter)) {
      log.warn("cert {}: expired on {}", subject, notAfter);
    } else if (now.isBefore(notBefore)) {
      log.warn("cert {}: not valid before {}", subject, notBefore);
    }
    weaknesses.forEach(weakness -> log.warn("cert {}: {}", subject, weakness));
  }

  private static List<String> weaknesses(List<X509Certificate> chain)
      throws CertificateParsingException {
    List<String> found = new ArrayList<>();
    X509Certificate leaf = chain.get(0);
    if (names(leaf).isEmpty()) {
      found.add("no DNS name in its subjectAltName: only served as the default certificate");
    }
    if (leaf.getPublicKey() instanceof RSAPublicKey rsa
        && rsa.getModulus().bitLength() < LEAST_RSA) {
      found.add("RSA key of " + rsa.getModulus().bitLength() + " bits: clients want 2048 or more");
    }
    for (int i = 1; i < chain.size(); i++) {
      X509Certificate issuer = chain.get(i);
      if (!chain.get(i - 1).getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
        found.add(
            "certificate %d of its chain (%s) did not issue the one before it"
                .formatted(i + 1, issuer.getSubjectX500Principal().getName()));
      }
    }
    return List.copyOf(found);
  }

  /** The TLS context of a chain, leaf first, and its key. */
  public static SslContext context(PrivateKey key, List<X509Certificate> chain)
      throws SSLException {
    return builder(key, chain).applicationProtocolConfig(ALPN).build();
  }

  /** The same as {@link #context}, without a choice of protocols (ALPN). */
  public static SslContext plainContext(PrivateKey key, List<X509Certificate> chain)
      throws SSLException {
    return builder(key, chain).build();
  }

  private static SslContextBuilder builder(PrivateKey key, List<X509Certificate> chain) {
    return SslContextBuilder.forServer(key, chain)
        // Only in memory, on the key's way into the context: the default kind would encrypt it with
        // ten thousand rounds, and decrypt it again, for each of ten thousand certs.
        .keyStoreType("JKS")
        // Clients are asked for no certificate; without this each context reads all that the JDK
        // trusts.
        .trustManager(NO_CLIENTS)
        .sslProvider(
            OpenSsl.isAvailable() && KeyKind.of(chain.get(0).getPublicKey()) != KeyKind.ED25519
                ? SslProvider.OPENSSL
                // Netty has no name for keys of Ed25519 towards BoringSSL; the JDK serves them.
                : SslProvider.JDK)
        .protocols("TLSv1.3", "TLSv1.2")
        .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
  }

  private static Set<String> names(X509Certificate leaf) throws CertificateParsingException {
    Set<String> names = new TreeSet<>();
    var alternatives = leaf.getSubjectAlternativeNames();
    if (alternatives != null) {
      for (List<?> name : new ArrayList<>(alternatives)) {
        if (name.get(0).equals(SAN_DNS)) {
          names.add(String.valueOf(name.get(1)).toLowerCase(Locale.ROOT));
        }
      }
    }
    return names;
  }

  private static boolean belongs(PublicKey certified, PrivateKey key) {
    if (certified instanceof RSAPublicKey open && key instanceof RSAPrivateCrtKey secret) {
      return open.getModulus().equals(secret.getModulus())
          && open.getPublicExponent().equals(secret.getPublicExponent());
    }
    // The key does not say which public one is its own; what it signs does.
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC", "ECDSA" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    try {
      byte[] sample = {1, 2, 3};
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(sample);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
