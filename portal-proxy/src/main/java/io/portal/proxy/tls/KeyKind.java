package io.portal.proxy.tls;

import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.util.Set;

/**
 * Kinds of keys of certificates, the one to be preferred first, each with the signature schemes
 * (RFC 8446 4.2.3) and the cipher suites of TLS 1.2 (RFC 5289, RFC 7905) that it serves.
 */
public enum KeyKind {
  P256(Set.of(0x0403), Set.of(0xc02b, 0xc02c, 0xcca9)),
  P384(Set.of(0x0503), Set.of(0xc02b, 0xc02c, 0xcca9)),
  P521(Set.of(0x0603), Set.of(0xc02b, 0xc02c, 0xcca9)),
  RSA(Set.of(0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601), Set.of(0xc02f, 0xc030, 0xcca8)),
  /** Few clients can check it, browsers cannot. */
  ED25519(Set.of(0x0807), Set.of(0xc02b, 0xc02c, 0xcca9)),
  OTHER(Set.of(), Set.of());

  private final Set<Integer> schemes;
  private final Set<Integer> suites;

  KeyKind(Set<Integer> schemes, Set<Integer> suites) {
    this.schemes = schemes;
    this.suites = suites;
  }

  /** The kind of a certificate's key. */
  static KeyKind of(PublicKey key) {
    if (key instanceof ECPublicKey curve) {
      return switch (curve.getParams().getCurve().getField().getFieldSize()) {
        case 256 -> P256;
        case 384 -> P384;
        case 521 -> P521;
        default -> OTHER;
      };
    }
    return switch (key.getAlgorithm()) {
      case "RSA" -> RSA;
      case "EdDSA", "Ed25519" -> ED25519;
      default -> OTHER;
    };
  }

  Set<Integer> schemes() {
    return schemes;
  }

  Set<Integer> suites() {
    return suites;
  }
}
