package io.portal.proxy.nginx;

import io.portal.core.model.Scheduler;
import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerContract;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** The contract, with a real nginx. */
class NginxBalancerContractTest extends BalancerContract {

  @TempDir private Path workDir;

  @Override
  protected Balancer create() throws Exception {
    return RealNginx.open(workDir);
  }

  @Override
  protected int servicePort(int number) {
    return 24000 + number;
  }

  @Override
  protected List<Scheduler> schedulers() {
    return Arrays.stream(Scheduler.values())
        .filter(scheduler -> scheduler != Scheduler.FO && scheduler != Scheduler.OVF)
        .toList();
  }

  @Override
  protected boolean lowerThresholds() {
    return false;
  }
}
