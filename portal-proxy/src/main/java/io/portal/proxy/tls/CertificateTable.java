package io.portal.proxy.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.util.Mapping;
import io.portal.core.InvalidException;
import io.portal.core.model.Cert;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which certificate a handshake gets: exact names first, then wildcards, else the default. Of
 * several for one name: what the client can check before what it cannot, valid ones before others,
 * EC before RSA, then the one that ends last; found anew for each handshake, so the next one takes
 * over when one expires. A handshake costs two look-ups however many certificates there are.
 * Immutable, thread-safe, never blocks.
 */
public final class CertificateTable implements Mapping<String, SslContext> {

  private static final List<ServerCertificate> NONE = List.of();

  private final Map<Cert, ServerCertificate> certificates;
  private final Map<String, List<ServerCertificate>> names = new HashMap<>();
  private final List<ServerCertificate> defaults;
  private final SslContext own;
  private final String defaultName;
  private final InstantSource clock;

  private CertificateTable(
      Map<Cert, ServerCertificate> certificates,
      SslContext own,
      String defaultName,
      InstantSource clock) {
    this.certificates = certificates;
    this.own = own;
    this.defaultName = defaultName;
    this.clock = clock;
    for (ServerCertificate certificate : certificates.values()) {
      for (String name : certificate.names()) {
        names.computeIfAbsent(name, n -> new ArrayList<>(1)).add(certificate);
      }
    }
    List<ServerCertificate> named = defaultName.isEmpty() ? NONE : named(defaultName);
    defaults = named.isEmpty() ? first() : named;
  }

  /** As {@link #of(SslContext, String, InstantSource)}, without a name, by the system's clock. */
  public static CertificateTable of(SslContext own) {
    return of(own, "", InstantSource.system());
  }

  /**
   * A table without certs.
   *
   * @param own served as long as there is no cert at all
   * @param defaultName whose certs are served to clients that name none, or none that is known;
   *     empty, or a name without a cert, for the cert that became valid first
   * @param clock tells which certs are valid
   */
  public static CertificateTable of(SslContext own, String defaultName, InstantSource clock) {
    return new CertificateTable(Map.of(), own, defaultName, clock);
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
    return new CertificateTable(next, own, defaultName, clock);
  }

  private ServerCertificate certificate(Cert cert) {
    ServerCertificate known = certificates.get(cert);
    if (known != null) {
      return known;
    }
    ServerCertificate served = ServerCertificate.of(cert);
    served.warn(clock.instant());
    return served;
  }

  /**
   * The certs that stand for the one that became valid first, which is most likely the one that was
   * configured first: whoever serves its first name, so that a renewal of it counts too.
   */
  private List<ServerCertificate> first() {
    return certificates.values().stream()
        .min(
            Comparator.comparing(ServerCertificate::notBefore)
                .thenComparing(ServerCertificate::subject))
        .map(
            oldest ->
                oldest.names().isEmpty()
                    ? List.of(oldest)
                    : names.getOrDefault(oldest.names().iterator().next(), NONE))
        .orElse(NONE);
  }

  /** As {@link #choose}, for a client that can check all keys. */
  @Override
  public SslContext map(@Nullable String serverName) {
    return choose(serverName, ClientOffer.ANY);
  }

  /** The context for a server name; null stands for a client that names none. */
  SslContext choose(@Nullable String serverName, ClientOffer offer) {
    List<ServerCertificate> candidates = serverName == null ? NONE : named(serverName);
    if (candidates.isEmpty()) {
      candidates = defaults;
    }
    return switch (candidates.size()) {
      case 0 -> own;
      case 1 -> candidates.get(0).context();
      default -> best(candidates, offer).context();
    };
  }

  private List<ServerCertificate> named(String serverName) {
    String name = serverName.toLowerCase(Locale.ROOT);
    List<ServerCertificate> exact = names.get(name);
    if (exact != null) {
      return exact;
    }
    int dot = name.indexOf('.');
    return dot < 0 ? NONE : names.getOrDefault("*" + name.substring(dot), NONE);
  }

  private ServerCertificate best(List<ServerCertificate> candidates, ClientOffer offer) {
    Instant now = clock.instant();
    Comparator<ServerCertificate> worseFirst =
        Comparator.<ServerCertificate, Boolean>comparing(one -> offer.accepts(one.kind()))
            .thenComparing(one -> one.valid(now))
            .thenComparing(ServerCertificate::kind, Comparator.reverseOrder())
            .thenComparing(ServerCertificate::notAfter)
            .thenComparing(ServerCertificate::notBefore);
    return candidates.stream().max(worseFirst).orElseThrow();
  }
}
