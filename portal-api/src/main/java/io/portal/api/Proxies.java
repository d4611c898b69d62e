package io.portal.api;

import io.portal.api.config.Config;
import io.portal.api.config.Setting;
import io.portal.core.model.Addresses;
import io.portal.core.model.InterfaceAddress;
import io.portal.proxy.http.HttpProxy;
import io.portal.proxy.http.Limits;
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
            .limits(
                Limits.DEFAULT.withTimes(
                    config.duration(Setting.PROXY_IDLE_TIMEOUT),
                    config.duration(Setting.PROXY_RESPONSE_TIMEOUT)))
            .drainLimit(config.duration(Setting.PROXY_DRAIN))
            .trusted(address -> within(trusted, address))
            .defaultCert(config.get(Setting.PROXY_DEFAULT_CERT))
            .encodedSlashes(config.on(Setting.PROXY_ENCODED_SLASHES))
            .underscoreHeaders(config.on(Setting.PROXY_UNDERSCORE_HEADERS))
            .noHealthyStatus(Integer.parseInt(config.get(Setting.PROXY_NO_HEALTHY_STATUS)))
            .via(config.on(Setting.PROXY_VIA));
    http.ifPresent(builder::http);
    tls.ifPresent(builder::tls);
    try {
      return Optional.of(builder.start());
    } catch (IOException e) {
      throw new IOException(
          e.getMessage()
              + " (settings proxy-http, proxy-tls: ADDRESS:PORT, or off)"
              + hint(String.valueOf(e.getMessage())),
          e);
    }
  }

  /** What to do when the kernel refuses a port for want of a privilege (capabilities(7)). */
  static String hint(String message) {
    return message.contains("Permission denied")
        ? "; ports below 1024 need root or the capability CAP_NET_BIND_SERVICE: start with"
            + " --proxy-http 0.0.0.0:8080 --proxy-tls 0.0.0.0:8444, or with off for both"
        : "";
  }

  private static boolean within(List<InterfaceAddress> networks, InetAddress address) {
    return networks.stream()
        .anyMatch(net -> Addresses.contains(net.address(), net.prefixLength(), address));
  }
}
