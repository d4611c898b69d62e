package io.portal.proxy.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.util.Mapping;
import io.portal.core.InvalidException;
import io.portal.core.model.Cert;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which certificate a handshake gets: exact names first, then wildcards, else the default. A
 * handshake costs two look-ups however many certificates there are. Immutable, thread-safe, never
 * blocks.
 */
public final class CertificateTable implements Mapping<String, SslContext> {

  private final Map<Cert, ServerCertificate> certificates;
  private final Map<String, SslContext> names = new HashMap<>();
  private final SslContext fallback;

  private CertificateTable(Map<Cert, ServerCertificate> certificates, SslContext fallback) {
    this.certificates = certificates;
    this.fallback = fallback;
    for (ServerCertificate certificate : certificates.values()) {
      for (String name : certificate.names()) {
        names.putIfAbsent(name, certificate.context());
      }
    }
  }

  /** A table with nothing but the certificate for names that no other one has. */
  public static CertificateTable of(SslContext fallback) {
    return new CertificateTable(Map.of(), fallback);
  }

  /**
   * A table with these certs; contexts of those that are here already are taken over, so that
   * sessions resume.
   *
   * @throws InvalidException if one cannot be served
   */
  public CertificateTable with(Collection<Cert> certs) {
    // In parallel: ten thousand new ones take seconds.
    Map<Cert, ServerCertificate> next =
        certs.stream()
            .distinct()
            .parallel()
            .collect(Collectors.toMap(Function.identity(), this::certificate));
    return new CertificateTable(next, fallback);
  }

  private ServerCertificate certificate(Cert cert) {
    ServerCertificate known = certificates.get(cert);
    return known != null ? known : ServerCertificate.of(cert);
  }

  /** The context for a server name; null stands for a client that names none. */
  @Override
  public SslContext map(@Nullable String serverName) {
    if (serverName == null) {
      return fallback;
    }
    String name = serverName.toLowerCase(Locale.ROOT);
    SslContext exact = names.get(name);
    if (exact != null) {
      return exact;
    }
    int dot = name.indexOf('.');
    return dot < 0 ? fallback : names.getOrDefault("*" + name.substring(dot), fallback);
  }
}
