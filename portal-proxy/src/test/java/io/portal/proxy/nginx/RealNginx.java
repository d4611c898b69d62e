package io.portal.proxy.nginx;

import io.portal.core.port.BalancerException;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** The nginx of this machine, without which tests are left out, or fail where it must be there. */
final class RealNginx {

  private RealNginx() {}

  /** A balancer with that work dir; skips or fails the test when there is no nginx. */
  static NginxBalancer open(Path workDir) throws BalancerException {
    return open(NginxOptions.in(workDir));
  }

  static NginxBalancer open(NginxOptions options) throws BalancerException {
    require();
    return NginxBalancer.open(options);
  }

  static void require() {
    try {
      NginxInstallation.find(NginxOptions.in(Path.of(".")));
    } catch (BalancerException absent) {
      if ("1".equals(System.getenv("PORTAL_VERIFY"))
          || "1".equals(System.getProperty("PORTAL_VERIFY"))) {
        Assertions.fail("nginx must be here: " + absent.getMessage());
      }
      System.out.println("left out, as " + absent.getMessage());
      Assumptions.abort(absent.getMessage());
    }
  }
}
