package io.portal.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the server is the one that was meant.
 *
 * <p>A daemon without a certificate of its own makes a self-signed one and keeps it in its work
 * directory. A client on the same host reads it there and trusts exactly that certificate, under
 * whatever name or address; so it does with the one it is given. Anything else is checked as a
 * browser would. What that needs is only loaded when it is needed, for it takes as long as a
 * request.
 */
final class Trust extends X509ExtendedTrustManager {

  /** Where in its work directory the daemon keeps the certificate that it made itself. */
  static final String OWN_CERTIFICATE = "api-cert.pem";

  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
  private static final String END = "-----END CERTIFICATE-----";

  private final boolean everybody;
  private final List<byte[]> known;
  private @Nullable X509Certificate refused;

  private Trust(boolean everybody, List<byte[]> known) {
    this.everybody = everybody;
    this.known = known;
  }

  static Trust of(Settings settings) {
    List<byte[]> known = new ArrayList<>();
    Path named = settings.certificate();
    Path own = settings.workDir().resolve(OWN_CERTIFICATE);
    if (!settings.insecure()) {
      if (named != null) {
        known.addAll(read(named));
      } else if (Files.isReadable(own)) {
        known.addAll(read(own));
      }
    }
    return new Trust(settings.insecure(), known);
  }

  /** The certificates of a PEM file, as DER. */
  private static List<byte[]> read(Path file) {
    try {
      List<byte[]> read = new ArrayList<>();
      String text = Files.readString(file, StandardCharsets.US_ASCII);
      for (int at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at)) {
        int end = text.indexOf(END, at);
        if (end < 0) {
          throw new IOException("a certificate does not end");
        }
        read.add(Base64.getMimeDecoder().decode(text.substring(at + BEGIN.length(), end)));
        at = end;
      }
      if (read.isEmpty()) {
        throw new IOException("there is none in it");
      }
      return read;
    } catch (IOException | IllegalArgumentException e) {
      throw new CliException(
          Exit.USAGE, "cannot read the certificate " + file + ": " + e.getMessage(), e);
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
      return "unknown";
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    byte[] shown = chain[0].getEncoded();
    if (everybody || known.stream().anyMatch(certificate -> Arrays.equals(certificate, shown))) {
      return;
    }
    try {
      byAuthorities().checkServerTrusted(chain, type, socket);
    } catch (CertificateException e) {
      refused = chain[0];
      throw e;
    }
  }

  /** The authorities that were given by name, else those that the host trusts. */
  private X509ExtendedTrustManager byAuthorities() throws CertificateException {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      if (known.isEmpty()) {
        factory.init((KeyStore) null);
      } else {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        CertificateFactory certificates = CertificateFactory.getInstance("X.509");
        for (int i = 0; i < known.size(); i++) {
          store.setCertificateEntry(
              Integer.toString(i),
              certificates.generateCertificate(new ByteArrayInputStream(known.get(i))));
        }
        factory.init(store);
      }
      return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException | IOException e) {
      throw new CertificateException("what is to be trusted cannot be read", e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("only with the connection it came over");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("this is a client");
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
