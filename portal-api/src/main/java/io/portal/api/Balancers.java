package io.portal.api;

import io.portal.api.config.Config;
import io.portal.api.config.Setting;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerException;
import io.portal.ipvs.IpvsBalancer;
import io.portal.proxy.l4.UserspaceBalancer;
import io.portal.proxy.nginx.NginxBalancer;
import io.portal.proxy.nginx.NginxOptions;
import java.io.IOException;

/** Opens the balancer that the settings name. */
final class Balancers {

  private Balancers() {}

  static Balancer open(Config config) throws IOException {
    return switch (config.get(Setting.BALANCER)) {
      case "userspace" -> new UserspaceBalancer();
      case "nginx" -> nginx(config);
      default -> IpvsBalancer.open();
    };
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
