package io.portal.core.model;

import io.portal.core.InvalidException;

/**
 * A certificate with its key, both as PEM. Known by the certificate's text. Never prints its key.
 *
 * @param cert the chain, leaf first
 * @param key PKCS#8, PKCS#1 or SEC1
 */
public record Cert(String cert, String key) {

  /**
   * Checks that there is text at all; whether it is a certificate the proxy finds out.
   *
   * @throws InvalidException if one is empty
   */
  public Cert {
    if (cert.isBlank()) {
      throw InvalidException.field("cert", cert, "a PEM certificate chain, leaf first");
    }
    if (key.isBlank()) {
      throw InvalidException.field("key", "", "a PEM private key");
    }
  }

  @Override
  public String toString() {
    return "Cert[" + Integer.toHexString(cert.hashCode()) + "]";
  }
}
