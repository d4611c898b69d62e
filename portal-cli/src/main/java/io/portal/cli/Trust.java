package io.portal.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the server is the one that was meant.
 *
 * <p>A daemon without a certificate of its own makes a self-signed one and keeps it in its work
 * directory. A client on the same host reads it there and trusts exactly that certificate, under
 * whatever name or address. Anything else is checked as a browser would, against what the host
 * trusts; that is only loaded when it is needed, for it takes longer than the request.
 */
final class Trust extends X509ExtendedTrustManager {

  private final boolean everybody;
  private final List<X509Certificate> known;
  private @Nullable X509Certificate refused;

  private Trust(boolean everybody, List<X509Certificate> known) {
    this.everybody = everybody;
    this.known = known;
  }

  static Trust of(Settings settings) {
    List<X509Certificate> known = new ArrayList<>();
    if (!settings.insecure()) {
      Path named = settings.certificate();
      if (named != null) {
        known.addAll(read(named));
      }
      Path own = settings.workDir().resolve(OWN_CERTIFICATE);
      if (Files.isReadable(own)) {
        known.addAll(read(own));
      }
    }
    return new Trust(settings.insecure(), known);
  }

  /** Where in its work directory the daemon keeps the certificate that it made itself. */
  static final String OWN_CERTIFICATE = "api-cert.pem";

  private static List<X509Certificate> read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      List<X509Certificate> read = new ArrayList<>();
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        read.add((X509Certificate) certificate);
      }
      return read;
    } catch (IOException | CertificateException e) {
      throw new CliException(
          Exit.USAGE, "cannot read the certificate " + file + ": " + e.getMessage(), e);
    }
  }

  /** Whether the peer needs no check of its name: it showed the very certificate that is known. */
  boolean byName(SSLSession session) {
    try {
      return everybody || known.contains(session.getPeerCertificates()[0]);
    } catch (javax.net.ssl.SSLPeerUnverifiedException e) {
      return false;
    }
  }

  /** SHA-256 of the certificate that was refused; null if none was. */
  @Nullable String refusedFingerprint() {
    X509Certificate certificate = refused;
    try {
      return certificate == null
          ? null
          : HexFormat.ofDelimiter(":")
              .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    } catch (GeneralSecurityException e) {
      return null;
    }
  }

  private void check(X509Certificate[] chain, String type) throws CertificateException {
    if (everybody || known.contains(chain[0])) {
      return;
    }
    try {
      byAuthorities().checkServerTrusted(chain, type);
    } catch (CertificateException e) {
      refused = chain[0];
      throw e;
    }
  }

  /** What the host trusts, and certificates given by name that are authorities. */
  private X509ExtendedTrustManager byAuthorities() throws CertificateException {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      if (known.isEmpty()) {
        factory.init((KeyStore) null);
      } else {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (int i = 0; i < known.size(); i++) {
          store.setCertificateEntry(Integer.toString(i), known.get(i));
        }
        factory.init(store);
      }
      return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException | IOException e) {
      throw new CertificateException("what this host trusts cannot be read", e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("a client only");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
