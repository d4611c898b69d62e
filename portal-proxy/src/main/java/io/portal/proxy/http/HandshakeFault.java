package io.portal.proxy.http;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * A handshake that failed, told by the check that failed: the TLS library says no more than that
 * there was a problem, and has the reason among its causes. Stateless.
 */
final class HandshakeFault {

  private HandshakeFault() {}

  /** The same failure with a message that says which check of the certificate failed, if any. */
  static Throwable of(Throwable failure) {
    Throwable told = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String check = check(cause);
      if (check != null) {
        // The deepest one: those above it say that there was something below.
        told = new SSLHandshakeException("the target's certificate " + check + cause.getMessage());
        told.initCause(failure);
      }
    }
    return told;
  }

  private static @Nullable String check(Throwable cause) {
    if (cause instanceof CertificateExpiredException) {
      return "has expired: ";
    }
    if (cause instanceof CertificateNotYetValidException) {
      return "is not valid yet: ";
    }
    if (cause instanceof CertPathBuilderException) {
      return "is of no authority in the trust store: ";
    }
    if (cause instanceof CertPathValidatorException) {
      return "is not acceptable: ";
    }
    if (!(cause instanceof CertificateException)) {
      return null;
    }
    // As sun.security.util.HostnameChecker begins what it says.
    String message = String.valueOf(cause.getMessage());
    return message.startsWith("No subject alternative") || message.startsWith("No name matching")
        ? "is not for this host: "
        : "is not acceptable: ";
  }
}
