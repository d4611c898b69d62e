package io.portal.proxy.tls;

import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.operator.InputDecryptorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEInputDecryptorProviderBuilder;

/**
 * Decrypts private keys: PKCS#8 with PBES1, PBES2 or PKCS#12's schemes (RFC 8018, RFC 7292), and
 * OpenSSL's older form with {@code DEK-Info}. The schemes are Bouncy Castle's, for the JDK knows
 * few of them by the names that stand in keys; its provider is loaded for encrypted keys only, and
 * not installed for others.
 */
final class EncryptedKey {

  private EncryptedKey() {}

  /**
   * The key inside.
   *
   * @param encrypted a {@link PKCS8EncryptedPrivateKeyInfo} or {@link PEMEncryptedKeyPair}
   * @throws IOException if no password is given, it is wrong, or the encryption is not supported
   */
  static PrivateKeyInfo decrypt(Object encrypted, String password) throws IOException {
    if (password.isEmpty()) {
      throw new IOException("the private key is encrypted, and no password is given for it");
    }
    try {
      return encrypted instanceof PKCS8EncryptedPrivateKeyInfo info
          ? pkcs8(info, password)
          : older((PEMEncryptedKeyPair) encrypted, password);
    } catch (IOException | PKCSException | RuntimeException e) {
      if (unsupported(e)) {
        throw new IOException(
            "the private key is encrypted in a way that is not supported: " + e.getMessage(), e);
      }
      // Padding is all that tells a wrong password: by chance it is right, and the rest no key.
      throw new IOException("the private key does not decrypt: its password is wrong", e);
    }
  }

  private static PrivateKeyInfo pkcs8(PKCS8EncryptedPrivateKeyInfo info, String password)
      throws IOException, PKCSException {
    return info.decryptPrivateKeyInfo(provider(password));
  }

  private static boolean unsupported(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof OperatorCreationException || cause instanceof NoSuchAlgorithmException) {
        return true;
      }
    }
    return String.valueOf(e.getMessage()).startsWith("unknown encryption");
  }

  private static InputDecryptorProvider provider(String password) {
    return new JcePKCSPBEInputDecryptorProviderBuilder()
        .setProvider(new BouncyCastleProvider())
        .build(password.toCharArray());
  }

  private static PrivateKeyInfo older(PEMEncryptedKeyPair pair, String password)
      throws IOException {
    return pair.decryptKeyPair(
            new JcePEMDecryptorProviderBuilder()
                .setProvider(new BouncyCastleProvider())
                .build(password.toCharArray()))
        .getPrivateKeyInfo();
  }
}
