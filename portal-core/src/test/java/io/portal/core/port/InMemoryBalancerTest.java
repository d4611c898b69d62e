package io.portal.core.port;

class InMemoryBalancerTest extends BalancerContract {

  @Override
  protected Balancer create() {
    return new InMemoryBalancer();
  }
}
