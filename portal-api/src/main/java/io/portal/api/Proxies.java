package io.portal.api;

import io.portal.api.config.Config;
import io.portal.api.config.Setting;
import io.portal.core.model.Addresses;
import io.portal.core.model.InterfaceAddress;
import io.portal.proxy.http.HttpProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** Opens the reverse proxy where the settings say. */
final class Proxies {

  private Proxies() {}

  /**
   * A proxy that listens; empty when both listeners are off.
   *
   * @throws IOException if an address cannot be had, naming the setting
   */
  static Optional<HttpProxy> open(Config config) throws IOException {
    Optional<InetSocketAddress> http = config.listener(Setting.PROXY_HTTP);
    Optional<InetSocketAddress> tls = config.listener(Setting.PROXY_TLS);
    if (http.isEmpty() && tls.isEmpty()) {
      return Optional.empty();
    }
    List<InterfaceAddress> trusted = config.networks(Setting.PROXY_TRUSTED);
    HttpProxy.Builder builder =
        HttpProxy.builder()
            .ignoreUpstream(config.on(Setting.PROXY_IGNORE_UPSTREAM))
            .healthInterval(config.duration(Setting.HEALTH_INTERVAL))
            .drainLimit(config.duration(Setting.PROXY_DRAIN))
            .trusted(address -> within(trusted, address))
            .defaultCert(config.get(Setting.PROXY_DEFAULT_CERT))
            .encodedSlashes(config.on(Setting.PROXY_ENCODED_SLASHES))
            .underscoreHeaders(config.on(Setting.PROXY_UNDERSCORE_HEADERS))
            .via(config.on(Setting.PROXY_VIA));
    http.ifPresent(builder::http);
    tls.ifPresent(builder::tls);
    try {
      return Optional.of(builder.start());
    } catch (IOException e) {
      throw new IOException(
          e.getMessage() + " (settings proxy-http, proxy-tls: ADDRESS:PORT, or off)", e);
    }
  }

  private static boolean within(List<InterfaceAddress> networks, InetAddress address) {
    return networks.stream()
        .anyMatch(net -> Addresses.contains(net.address(), net.prefixLength(), address));
  }
}
