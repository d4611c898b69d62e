package io.portal.proxy.tls;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/** Reads and writes certificates and private keys as PEM (RFC 7468). Thread-safe. */
public final class Pem {

  private Pem() {}

  /**
   * The certificates in a text, in their order; other objects in it are passed over.
   *
   * @throws IOException if there is none, or one does not parse
   */
  public static List<X509Certificate> certificates(String text) throws IOException {
    List<X509Certificate> chain = new ArrayList<>();
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
        if (object instanceof X509CertificateHolder holder) {
          chain.add(new JcaX509CertificateConverter().getCertificate(holder));
        }
      }
    } catch (CertificateException e) {
      throw new IOException("a certificate does not parse: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw broken(e);
    }
    if (chain.isEmpty()) {
      throw new IOException("no PEM certificate found");
    }
    return chain;
  }

  /**
   * The first private key in a text: PKCS#8, PKCS#1 or SEC1, encrypted or not.
   *
   * @param password of an encrypted key; not used for others
   * @throws IOException if there is none, it does not parse, it is encrypted in a way that is not
   *     supported, or the password is wrong
   */
  public static PrivateKey privateKey(String text, String password) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
        PrivateKeyInfo key = key(object, password);
        if (key != null) {
          return new JcaPEMKeyConverter().getPrivateKey(key);
        }
      }
    } catch (RuntimeException e) {
      throw broken(e);
    }
    throw new IOException("no PEM private key found");
  }

  /** What the parser throws unchecked: broken base64 (RFC 4648) or ASN.1. */
  private static IOException broken(RuntimeException e) {
    return new IOException("the PEM is damaged: " + e.getMessage(), e);
  }

  private static @Nullable PrivateKeyInfo key(Object object, String password) throws IOException {
    if (object instanceof PKCS8EncryptedPrivateKeyInfo || object instanceof PEMEncryptedKeyPair) {
      return EncryptedKey.decrypt(object, password);
    } else if (object instanceof PEMKeyPair pair) {
      // A SEC1 key may come without its public half.
      return pair.getPrivateKeyInfo();
    }
    return object instanceof PrivateKeyInfo plain ? plain : null;
  }

  /** A certificate as PEM. */
  public static String text(X509Certificate certificate) throws IOException {
    return write(certificate);
  }

  /** A private key as PEM, PKCS#8, not encrypted. */
  public static String text(PrivateKey key) throws IOException {
    return write(new JcaPKCS8Generator(key, null));
  }

  private static String write(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }
}
