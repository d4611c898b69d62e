package io.portal.store.redis;

import io.portal.core.port.StoreException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.internal.Item;
import io.portal.store.internal.StateItems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells Redis again and again that this member lives and what it knows, and learns where the
 * cluster stands and which vips are this member's; seeds a Redis that is behind. Thread-safe.
 */
final class Heartbeat implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);

  private static final int BEATS_UNTIL_RESET = 4;

  private final ClusterOptions options;
  private final RedisLink link;
  private final MemberCopy known;
  private final Members members;
  private final VipLeases leases;
  private final Runnable behind;
  private final ScheduledExecutorService beats;
  private volatile Phase phase = Phase.AWAY;
  private volatile boolean leaving;
  private int silentBeats;

  /**
   * A heart that does not beat yet.
   *
   * @param behind called when Redis has another state than this member knows
   */
  Heartbeat(
      ClusterOptions options,
      RedisLink link,
      MemberCopy known,
      Members members,
      VipLeases leases,
      Runnable behind) {
    this.options = options;
    this.link = link;
    this.known = known;
    this.members = members;
    this.leases = leases;
    this.behind = behind;
    this.beats =
        Executors.newScheduledThreadPool(
            2,
            task -> {
              Thread thread = new Thread(task, "portal-cluster");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Beats until the cluster stands somewhere for longer, and from then on by itself. */
  void start() {
    beat();
    // The time from here: members compare from the first beat on, however long connecting took.
    long limit = System.nanoTime() + options.compareFor().plusSeconds(2).toNanos();
    while (phase.passing() && System.nanoTime() - limit < 0 && pause()) {
      beat();
    }
    long period = options.beat().toMillis();
    beats.scheduleWithFixedDelay(this::beat, period, period, TimeUnit.MILLISECONDS);
    beats.scheduleWithFixedDelay(
        leases::expire, period / 4, Math.max(1, period / 4), TimeUnit.MILLISECONDS);
  }

  private boolean pause() {
    try {
      Thread.sleep(options.beat().toMillis());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Where the cluster stands. */
  Phase phase() {
    return phase;
  }

  /** It stands there now. */
  void enter(Phase next) {
    if (next != phase) {
      log.info("cluster: {} (was {})", next, phase);
      phase = next;
    }
  }

  /** Asks for no vips from now on. */
  void leave() {
    leaving = true;
    leases.drop();
  }

  private void beat() {
    long askedAt = System.nanoTime();
    try {
      List<String> answer =
          link.run(
              "beat",
              List.of("state", "members", "offers", "acks", "leases", "beats"),
              arguments(),
              options.vipLease().dividedBy(2));
      silentBeats = 0;
      enter(Phase.of(answer.get(2)));
      if (!leaving) {
        leases.granted(new HashSet<>(answer.subList(4, answer.size())), askedAt);
      }
      if (phase == Phase.SEEDING && answer.get(3).equals(options.member())) {
        seed();
      } else if (phase == Phase.READY
          && (Long.parseLong(answer.get(0)) != known.state().revision()
              || !answer.get(1).equals(known.epoch()))) {
        behind.run();
      }
    } catch (StoreException e) {
      enter(Phase.AWAY);
      log.debug("cluster: {}", e.getMessage());
      if (++silentBeats % BEATS_UNTIL_RESET == 0) {
        link.reset();
      }
    } catch (RuntimeException e) {
      log.error("cluster: a beat failed in a way it should not", e);
    }
  }

  private List<String> arguments() {
    DesiredState state = known.state();
    Ack ack = members.own();
    List<String> arguments = new ArrayList<>();
    arguments.add(options.member());
    arguments.add(Long.toString(options.deadAfter().toMillis()));
    arguments.add(Long.toString(options.compareFor().toMillis()));
    arguments.add(Long.toString(state.revision()));
    arguments.add(known.epoch());
    arguments.add(Long.toString(options.vipLease().toMillis()));
    arguments.add(leaving ? "0" : "1");
    arguments.add(ack.equals(Ack.NONE) ? "" : ack.toString());
    state.vips().keySet().forEach(vip -> arguments.add(vip.toString()));
    return arguments;
  }

  private void seed() throws StoreException {
    DesiredState state = known.state();
    Map<String, String> values = new HashMap<>();
    for (Item item : StateItems.of(StateChange.between(DesiredState.EMPTY, state))) {
      values.put(item.key(), MemberCopy.flagged(item));
    }
    String aside = "seed:" + options.member();
    link.stage(aside + ":items", aside + ":changed", values, state.revision());
    List<String> answer =
        link.run(
            "seed",
            List.of(
                "state",
                "items",
                "changed",
                "offers",
                "news",
                aside + ":items",
                aside + ":changed"),
            List.of(
                Long.toString(state.revision()), options.member(), UUID.randomUUID().toString()));
    log.info("cluster: redis was behind revision {}: {}", state.revision(), answer.get(0));
  }

  /** Stops. */
  @Override
  public void close() {
    beats.shutdownNow();
  }
}
