package io.portal.api;

import io.portal.api.config.Config;
import io.portal.api.config.ConfigException;
import io.portal.api.config.Setting;
import io.portal.core.ExistingServices;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerException;
import io.portal.ipvs.IpvsBalancer;
import io.portal.ipvs.IpvsSync;
import io.portal.proxy.l4.UserspaceBalancer;
import io.portal.proxy.nginx.NginxBalancer;
import io.portal.proxy.nginx.NginxOptions;
import java.io.IOException;
import java.util.Optional;

/** Opens the balancer that the settings name. */
final class Balancers {

  private Balancers() {}

  static Balancer open(Config config) throws IOException {
    if (!config.get(Setting.IPVS_SYNC).isEmpty() && !config.get(Setting.BALANCER).equals("lvs")) {
      throw new ConfigException(
          "ipvs-sync "
              + config.get(Setting.IPVS_SYNC)
              + " with balancer "
              + config.get(Setting.BALANCER)
              + ": only lvs has connections that can be told");
    }
    return switch (config.get(Setting.BALANCER)) {
      case "userspace" -> new UserspaceBalancer();
      case "nginx" -> nginx(config);
      default -> ipvs(config);
    };
  }

  private static Balancer ipvs(Config config) throws IOException {
    IpvsBalancer balancer = IpvsBalancer.open(OneDirector.claim(config));
    return config.get(Setting.IPVS_SYSCTLS).equals("on")
        ? balancer.withSysctls(config.on(Setting.CLEAR_ON_EXIT))
        : balancer;
  }

  /**
   * What becomes of services that are there when the store has none.
   *
   * @throws ConfigException if the settings contradict each other
   */
  static ExistingServices existing(Config config) {
    if (config.on(Setting.ADOPT) && config.on(Setting.TAKE)) {
      throw new ConfigException("adopt and take: one of them can be true, not both");
    }
    if (config.on(Setting.ADOPT)) {
      return ExistingServices.ADOPT;
    }
    return config.on(Setting.TAKE) ? ExistingServices.REMOVE : ExistingServices.LEAVE;
  }

  /**
   * Starts telling other directors of connections, if that is asked for.
   *
   * @throws IOException if the kernel refuses
   */
  static Optional<IpvsSync> synchronise(Config config) throws IOException {
    String name = config.get(Setting.IPVS_SYNC);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          IpvsSync.start(
              name, config.number(Setting.IPVS_SYNC_ID), config.on(Setting.CLEAR_ON_EXIT)));
    } catch (IOException e) {
      throw new IOException("ipvs-sync " + name + ": " + e.getMessage(), e);
    }
  }

  private static Balancer nginx(Config config) throws IOException {
    NginxOptions options = NginxOptions.in(config.path(Setting.WORK_DIR));
    if (!config.get(Setting.NGINX_PID).isEmpty()) {
      options = options.withPidFile(config.path(Setting.NGINX_PID));
    }
    try {
      return NginxBalancer.open(options);
    } catch (BalancerException e) {
      throw new IOException("nginx: " + e.getMessage(), e);
    }
  }
}
