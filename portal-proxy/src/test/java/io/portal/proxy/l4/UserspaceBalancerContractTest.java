package io.portal.proxy.l4;

import io.portal.core.port.Balancer;
import io.portal.core.port.BalancerContract;

class UserspaceBalancerContractTest extends BalancerContract {

  @Override
  protected Balancer create() {
    return new UserspaceBalancer();
  }
}
