package io.portal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.model.Scheduler;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.ServiceSettings;
import io.portal.core.port.BalancerException;
import io.portal.core.port.Firewall;
import io.portal.core.port.FirewallException;
import io.portal.core.port.InMemoryBalancer;
import io.portal.core.port.InMemoryStore;
import io.portal.core.port.Opening;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a portal tells a packet filter. */
class FirewallTest {

  private static final String PROXY = "tcp * 8080";

  private final InMemoryBalancer balancer = new InMemoryBalancer();
  private final FakeFirewall firewall = new FakeFirewall();
  private final Portal portal =
      Portal.builder()
          .store(new InMemoryStore())
          .balancer(balancer)
          .firewall(firewall, List.of(new InetSocketAddress(8080)))
          .interval(Duration.ofHours(1))
          .clearOnExit(true)
          .start();

  @AfterEach
  void close() {
    portal.close();
    assertThat(firewall.open).isEmpty();
  }

  private void add(String id) {
    portal
        .services()
        .add(
            new Service(
                ServiceId.parse(id).orElseThrow(),
                new ServiceSettings(Scheduler.RR, Duration.ZERO, null),
                List.of()));
  }

  @Test
  void opensWhatServicesNeedAndClosesItAgain() {
    assertThat(firewall.open).containsExactly(PROXY);
    add("tcp-10_0_0_1-80");
    add("udp-2001:db8::1-53");
    add("fwmark--7");
    assertThat(firewall.open).containsExactly(PROXY, "tcp 10.0.0.1 80", "udp 2001:db8::1 53");
    portal.services().remove(ServiceId.parse("tcp-10_0_0_1-80").orElseThrow());
    assertThat(firewall.open).containsExactly(PROXY, "udp 2001:db8::1 53");
  }

  @Test
  void refusesAServiceThatCannotBeLetInAndLeavesEverythingAsItWas() throws BalancerException {
    firewall.broken = "no nft today";
    assertThatThrownBy(() -> add("tcp-10_0_0_1-80"))
        .isInstanceOf(RefusedException.class)
        .hasMessage("firewall: no nft today");
    assertThat(portal.state().services()).isEmpty();
    assertThat(balancer.observe()).isEmpty();
    firewall.broken = "";
    portal.reconcile();
    assertThat(firewall.open).containsExactly(PROXY);
  }

  @Test
  void mendsWhatSomebodyElseChanged() {
    add("tcp-10_0_0_1-80");
    firewall.open.clear();
    portal.reconcile();
    assertThat(firewall.open).containsExactly(PROXY, "tcp 10.0.0.1 80");
    assertThat(portal.health().driftRepaired()).isEqualTo(2);
  }

  /** Remembers what is open. */
  private static final class FakeFirewall implements Firewall {

    private final Set<String> open = new TreeSet<>();
    private String broken = "";

    private void check() throws FirewallException {
      if (!broken.isEmpty()) {
        throw new FirewallException(broken);
      }
    }

    @Override
    public void change(Collection<Opening> closing, Collection<Opening> opening)
        throws FirewallException {
      check();
      closing.forEach(one -> open.remove(one.toString()));
      opening.forEach(one -> open.add(one.toString()));
    }

    @Override
    public int settle(Collection<Opening> openings) throws FirewallException {
      check();
      Set<String> wanted = new TreeSet<>();
      openings.forEach(one -> wanted.add(one.toString()));
      Set<String> different = new TreeSet<>(wanted);
      different.removeAll(open);
      int changes = different.size() + (int) open.stream().filter(o -> !wanted.contains(o)).count();
      open.clear();
      open.addAll(wanted);
      return changes;
    }

    @Override
    public void clear() throws FirewallException {
      check();
      open.clear();
    }
  }
}
