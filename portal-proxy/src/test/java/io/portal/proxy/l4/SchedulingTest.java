package io.portal.proxy.l4;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.Forwarder;
import io.portal.core.model.Scheduler;
import io.portal.core.model.ServerId;
import io.portal.core.model.ServerSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each scheduler picks, in literal sequences. Servers are called a, b, c in their order. */
class SchedulingTest {

  private static final InetAddress VIP = address("10.0.0.1");

  private final List<Backend> servers = new ArrayList<>();
  private long now = 1;

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Flow from(String client) {
    return new Flow(address(client), VIP, null);
  }

  private static ServerSettings settings(int weight, long upper, long lower) {
    return new ServerSettings(Forwarder.MASQUERADING, weight, upper, lower);
  }

  private Scheduling scheduling(Scheduler scheduler, int... weights) {
    for (int weight : weights) {
      ServerId id = new ServerId(address("10.0.1." + (servers.size() + 1)), 80);
      servers.add(new Backend(id, settings(weight, 0, 0)));
    }
    Scheduling scheduling = Scheduling.of(scheduler, () -> now);
    scheduling.changed(servers);
    return scheduling;
  }

  private char name(Backend backend) {
    return backend == null ? '-' : (char) ('a' + servers.indexOf(backend));
  }

  /** Picks without anybody connecting. */
  private String picks(Scheduling scheduling, int count) {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < count; i++) {
      names.append(name(scheduling.pick(servers, from("192.0.2.1"))));
    }
    return names.toString();
  }

  /** Picks, and the connection stays. */
  private String connects(Scheduling scheduling, int count) {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < count; i++) {
      Backend backend = scheduling.pick(servers, from("192.0.2.1"));
      names.append(name(backend));
      if (backend != null) {
        backend.begin(true);
      }
    }
    return names.toString();
  }

  private void weight(Scheduling scheduling, int server, int weight) {
    servers.get(server).update(settings(weight, 0, 0));
    scheduling.changed(servers);
  }

  @Test
  void rrTakesTurnsWhateverTheWeights() {
    assertThat(picks(scheduling(Scheduler.RR, 1, 5, 1), 7)).isEqualTo("abcabca");
  }

  @Test
  void rrLeavesOutWeightZeroAndGoesOnAfterARemoval() {
    Scheduling rr = scheduling(Scheduler.RR, 1, 0, 1);
    assertThat(picks(rr, 3)).isEqualTo("aca");
    servers.remove(1);
    rr.changed(servers);
    assertThat(picks(rr, 3)).isEqualTo("bab");
  }

  @Test
  void wrrSinksTheBarRoundByRound() {
    assertThat(picks(scheduling(Scheduler.WRR, 4, 3, 2), 18)).isEqualTo("aababcabcaababcabc");
  }

  @Test
  void wrrStepsByTheGreatestCommonDivisor() {
    assertThat(picks(scheduling(Scheduler.WRR, 200, 100, 0), 6)).isEqualTo("aabaab");
  }

  @Test
  void wrrGoesOnWithChangedWeights() {
    Scheduling wrr = scheduling(Scheduler.WRR, 2, 1);
    assertThat(picks(wrr, 3)).isEqualTo("aab");
    weight(wrr, 0, 0);
    assertThat(picks(wrr, 3)).isEqualTo("bbb");
  }

  @Test
  void lcCountsConnectionsWhateverTheWeights() {
    assertThat(connects(scheduling(Scheduler.LC, 1, 9, 1), 6)).isEqualTo("abcabc");
  }

  @Test
  void lcWeighsAnActiveConnectionAs256InactiveOnes() {
    Scheduling lc = scheduling(Scheduler.LC, 1, 1);
    servers.get(0).begin(true);
    for (int i = 0; i < 255; i++) {
      servers.get(1).begin(false);
    }
    assertThat(picks(lc, 1)).isEqualTo("b");
    servers.get(1).begin(false);
    assertThat(picks(lc, 1)).isEqualTo("a");
  }

  @Test
  void wlcDividesByWeight() {
    assertThat(connects(scheduling(Scheduler.WLC, 1, 3), 8)).isEqualTo("abbbabbb");
  }

  @Test
  void sedCountsTheNewConnectionToo() {
    assertThat(connects(scheduling(Scheduler.SED, 1, 3), 8)).isEqualTo("bbabbbab");
  }

  @Test
  void nqTakesTheFirstIdleServerThenTheShortestDelay() {
    assertThat(connects(scheduling(Scheduler.NQ, 1, 3), 8)).isEqualTo("abbbbbab");
  }

  @Test
  void foTakesTheGreatestWeightThatIsNotOverloaded() {
    Scheduling fo = scheduling(Scheduler.FO, 1, 3, 2);
    assertThat(picks(fo, 3)).isEqualTo("bbb");
    servers.get(1).update(settings(3, 2, 0));
    assertThat(connects(fo, 4)).isEqualTo("bbcc");
  }

  @Test
  void ovfOverflowsAboveTheWeight() {
    assertThat(connects(scheduling(Scheduler.OVF, 1, 2), 7)).isEqualTo("bbbaa--");
  }

  @Test
  void dhSendsAllOfOneDestinationToOneServer() {
    Scheduling dh = scheduling(Scheduler.DH, 1, 1, 1);
    assertThat(picks(dh, 3)).isIn("aaa", "bbb", "ccc");
    Backend picked = dh.pick(servers, from("198.51.100.7"));
    assertThat(dh.pick(servers, from("192.0.2.1"))).isSameAs(picked);
  }

  @Test
  void shSpreadsClientsByWeightAndKeepsEachAtItsServer() {
    Scheduling sh = scheduling(Scheduler.SH, 1, 3);
    Map<Character, Integer> counts = clients(sh);
    assertThat(counts.get('a')).isBetween(200, 300);
    assertThat(counts.get('b')).isBetween(700, 800);
    assertThat(clients(sh)).isEqualTo(counts);
  }

  @ParameterizedTest
  @EnumSource(
      value = Scheduler.class,
      names = {"SH", "MH"})
  void hashingRefusesTheClientsOfAServerOfWeightZero(Scheduler scheduler) {
    Scheduling hashing = scheduling(scheduler, 1, 1);
    Map<Character, Integer> before = clients(hashing);
    servers.get(0).update(settings(0, 0, 0));
    hashing.changed(servers);
    Map<Character, Integer> after = clients(hashing);
    assertThat(after.get('-')).isEqualTo(before.get('a'));
    assertThat(after.get('b')).isEqualTo(before.get('b'));
  }

  @Test
  void mhMovesFewClientsWhenAServerGoes() {
    Scheduling mh = scheduling(Scheduler.MH, 1, 1, 1, 1, 1);
    Map<String, Backend> before = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      String client = "172.16." + i / 250 + "." + i % 250;
      before.put(client, mh.pick(servers, from(client)));
    }
    Backend gone = servers.remove(2);
    mh.changed(servers);

    long moved =
        before.entrySet().stream()
            .filter(entry -> entry.getValue() != gone)
            .filter(entry -> mh.pick(servers, from(entry.getKey())) != entry.getValue())
            .count();

    assertThat(before.values()).contains(gone);
    assertThat(moved).isLessThan(50);
  }

  @Test
  void mhSpreadsByWeight() {
    Map<Character, Integer> counts = clients(scheduling(Scheduler.MH, 100, 300));
    assertThat(counts.get('a')).isBetween(200, 300);
    assertThat(counts.get('b')).isBetween(700, 800);
  }

  private Map<Character, Integer> clients(Scheduling scheduling) {
    Map<Character, Integer> counts = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      Flow flow = from("172.16." + i / 250 + "." + i % 250);
      counts.merge(name(scheduling.pick(servers, flow)), 1, Integer::sum);
    }
    return counts;
  }

  @Test
  void lblcStaysUntilItsServerIsOverburdened() {
    Scheduling lblc = scheduling(Scheduler.LBLC, 2, 2);
    // Three connections are more than the weight, and b has less than half of its own.
    assertThat(connects(lblc, 7)).isEqualTo("aaabbbb");
  }

  @Test
  void lblcChoosesAnewAfterADayWithoutUse() {
    Scheduling lblc = scheduling(Scheduler.LBLC, 5, 5);
    assertThat(connects(lblc, 2)).isEqualTo("aa");
    now += Duration.ofDays(1).toNanos() + 1;
    assertThat(connects(lblc, 2)).isEqualTo("bb");
  }

  @Test
  void lblcrSharesAmongItsSetAndShrinksItAfterADay() {
    Scheduling lblcr = scheduling(Scheduler.LBLCR, 2, 2);
    assertThat(connects(lblcr, 7)).isEqualTo("aaabbba");
    now += Duration.ofDays(1).toNanos() + 1;
    // This pick still sees both; then a, the more loaded, leaves the set.
    assertThat(connects(lblcr, 3)).isEqualTo("bbb");
  }

  @Test
  void twosTakesTheLessLoadedOfTwoDrawnByWeight() {
    scheduling(Scheduler.TWOS, 1, 2, 1);
    long[] draws = {0, 1, 2, 3, 3, 3, 2, 1};
    int[] next = {0};
    TwoChoices twos =
        new TwoChoices(
            bound -> {
              assertThat(bound).isEqualTo(4);
              return draws[next[0]++];
            });
    servers.get(0).begin(true);
    // a or b; b or c (equal: the first); c twice; b twice.
    assertThat(picks(twos, 4)).isEqualTo("bbcb");
  }

  @Test
  void twosSpreadsByWeight() {
    Scheduling twos = scheduling(Scheduler.TWOS, 1, 3);
    assertThat(connects(twos, 400).chars().filter(c -> c == 'b').count()).isBetween(280L, 320L);
  }

  @ParameterizedTest
  @EnumSource(Scheduler.class)
  void noneIsPickedWhereNoneTakesNew(Scheduler scheduler) {
    assertThat(picks(Scheduling.of(scheduler, () -> now), 1)).isEqualTo("-");
    assertThat(picks(scheduling(scheduler, 0, 0), 2)).isEqualTo("--");
  }

  @ParameterizedTest
  @EnumSource(Scheduler.class)
  void aServerThatRefusedIsLeftOut(Scheduler scheduler) {
    Scheduling scheduling = scheduling(scheduler, 1, 1);
    Flow flow = from("192.0.2.1");
    Backend refused = scheduling.pick(servers, flow);
    Backend next = scheduling.pick(servers, flow.refusedBy(refused));
    boolean hashing =
        scheduler == Scheduler.DH || scheduler == Scheduler.SH || scheduler == Scheduler.MH;
    assertThat(next).isEqualTo(hashing ? null : servers.get(1 - servers.indexOf(refused)));
  }

  @Test
  void overloadEndsBelowTheLowerThreshold() {
    Backend backend = new Backend(new ServerId(VIP, 80), settings(1, 4, 2));
    StringBuilder takes = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      backend.begin(true);
      takes.append(backend.takesNew() ? '+' : '-');
    }
    for (int i = 0; i < 4; i++) {
      backend.end(true);
      takes.append(backend.takesNew() ? '+' : '-');
    }
    assertThat(takes).hasToString("+++---++");
  }

  @Test
  void overloadEndsBelowThreeQuartersWithoutALowerThreshold() {
    Backend backend = new Backend(new ServerId(VIP, 80), settings(1, 4, 0));
    for (int i = 0; i < 4; i++) {
      backend.begin(true);
    }
    backend.end(true);
    assertThat(backend.takesNew()).isFalse();
    backend.end(true);
    assertThat(backend.takesNew()).isTrue();
  }

  @Test
  void aRaisedThresholdEndsAnOverload() {
    Backend backend = new Backend(new ServerId(VIP, 80), settings(1, 1, 0));
    backend.begin(true);
    assertThat(backend.takesNew()).isFalse();
    backend.update(settings(1, 2, 0));
    assertThat(backend.takesNew()).isTrue();
  }
}
