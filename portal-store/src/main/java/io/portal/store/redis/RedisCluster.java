package io.portal.store.redis;

import io.portal.core.model.VipId;
import io.portal.core.port.StaleStateException;
import io.portal.core.port.StateStore;
import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import io.portal.core.port.VipOwnership;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.RevisionedStore;
import io.portal.store.internal.Item;
import io.portal.store.internal.StateItems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The desired state of a cluster in Redis, with a copy in a store of this member's own. While Redis
 * is away the copy is what is loaded, and commits are refused at once. A Redis that comes back
 * empty or behind is seeded by the member that knows the newest revision.
 *
 * <p>All methods may block but {@link #owns}. Thread-safe.
 */
public final class RedisCluster implements StateStore, VipOwnership {

  private static final Logger log = LoggerFactory.getLogger(RedisCluster.class);

  private static final long LOOK_AGAIN_MILLIS = 250;

  private static final int BEATS_UNTIL_RESET = 4;

  private final ClusterOptions options;
  private final RevisionedStore copy;
  private final RedisLink link;
  private final VipLeases leases;
  private final ScheduledExecutorService beats;
  private final Object acked = new Object();
  private final Object turn = new Object();
  private DesiredState copied;
  private volatile DesiredState known;
  private volatile String epoch = "";
  private volatile String phase = "away";
  private volatile boolean leaving;
  private volatile Runnable listener = () -> {};
  private volatile Ack ack = Ack.NONE;
  private int silentBeats;
  private long ackedNews;

  private RedisCluster(String url, String token, RevisionedStore copy, ClusterOptions options)
      throws StoreException {
    this.options = options;
    this.copy = copy;
    this.copied = copy.load();
    this.known = copied;
    this.leases = new VipLeases(options.vipLease(), System::nanoTime);
    this.link = new RedisLink(url, token, Duration.ofSeconds(5), this::news);
    this.beats =
        Executors.newScheduledThreadPool(
            2,
            task -> {
              Thread thread = new Thread(task, "portal-cluster");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Joins a cluster. Where Redis cannot be reached yet it starts from the copy and joins later.
   *
   * @param url {@code redis://}, {@code rediss://} or {@code redis-sentinel://}
   * @param token the cluster token, Redis's password where the URL has none
   * @param copy this member's own store; closed with the cluster
   * @throws io.portal.core.InvalidException if the URL is none
   * @throws StoreException if the copy cannot be read
   */
  public static RedisCluster join(
      String url, String token, RevisionedStore copy, ClusterOptions options)
      throws StoreException {
    RedisCluster cluster = new RedisCluster(url, token, copy, options);
    long limit = System.nanoTime() + options.compareFor().plusSeconds(2).toNanos();
    do {
      cluster.beat();
    } while (cluster.phaseIsPassing() && System.nanoTime() < limit && cluster.pause());
    long period = options.beat().toMillis();
    cluster.beats.scheduleWithFixedDelay(cluster::beat, period, period, TimeUnit.MILLISECONDS);
    cluster.beats.scheduleWithFixedDelay(
        cluster.leases::expire, period / 4, Math.max(1, period / 4), TimeUnit.MILLISECONDS);
    return cluster;
  }

  private boolean phaseIsPassing() {
    return phase.equals("comparing") || phase.equals("seeding");
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

  /** Whether the cluster takes writes now; else why not: {@code away, comparing, seeding}. */
  public String phase() {
    return phase;
  }

  private void news(String message) {
    synchronized (acked) {
      ackedNews++;
      acked.notifyAll();
    }
    if (message.startsWith("commit ") && !message.endsWith(" " + options.member())) {
      listener.run();
    }
  }

  private void beat() {
    long askedAt = System.nanoTime();
    try {
      List<String> arguments = new ArrayList<>();
      arguments.add(options.member());
      arguments.add(Long.toString(options.deadAfter().toMillis()));
      arguments.add(Long.toString(options.compareFor().toMillis()));
      arguments.add(Long.toString(known.revision()));
      arguments.add(epoch);
      arguments.add(Long.toString(options.vipLease().toMillis()));
      arguments.add(leaving ? "0" : "1");
      arguments.add(ack.equals(Ack.NONE) ? "" : ack.toString());
      known.vips().keySet().forEach(vip -> arguments.add(vip.toString()));
      List<String> answer =
          link.run(
              "beat",
              List.of("state", "members", "offers", "acks", "leases", "beats"),
              arguments,
              options.vipLease().dividedBy(2));
      silentBeats = 0;
      enter(answer.get(2));
      if (!leaving) {
        leases.granted(new HashSet<>(answer.subList(4, answer.size())), askedAt);
      }
      if (phase.equals("seeding") && answer.get(3).equals(options.member())) {
        seed();
      } else if (phase.equals("ready")
          && (Long.parseLong(answer.get(0)) != known.revision() || !answer.get(1).equals(epoch))) {
        listener.run();
      }
    } catch (StoreException e) {
      enter("away");
      log.debug("cluster: {}", e.getMessage());
      if (++silentBeats % BEATS_UNTIL_RESET == 0) {
        link.reset();
      }
    } catch (RuntimeException e) {
      log.error("cluster: a beat failed in a way it should not", e);
    }
  }

  private void enter(String next) {
    if (!next.equals(phase)) {
      log.info("cluster: {} (was {})", next, phase);
      phase = next;
    }
  }

  private void seed() throws StoreException {
    DesiredState state = known;
    Map<String, String> values = new HashMap<>();
    for (Item item : StateItems.of(StateChange.between(DesiredState.EMPTY, state))) {
      values.put(item.key(), flagged(item));
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

  private static String flagged(Item item) {
    return (item.removed() ? "-" : "+") + item.value();
  }

  @Override
  public DesiredState load() throws StoreException {
    synchronized (turn) {
      if (phase.equals("ready")) {
        try {
          catchUp();
        } catch (StoreUnavailableException e) {
          log.warn("cluster: {}; going on with revision {}", e.getMessage(), known.revision());
        }
      }
      if (ack.equals(Ack.NONE) && phase.equals("ready")) {
        // What is loaded first is applied without a word.
        applied(known.revision(), "");
      }
      return known;
    }
  }

  private void catchUp() throws StoreException {
    DesiredState before = known;
    List<String> answer =
        link.run(
            "load",
            List.of("state", "items", "changed"),
            List.of(Long.toString(before.revision()), epoch));
    long revision = Long.parseLong(answer.get(0));
    List<Item> items = new ArrayList<>();
    for (int i = 3; i < answer.size(); i += 2) {
      String value = answer.get(i + 1);
      items.add(new Item(answer.get(i), value.substring(1), value.startsWith("-")));
    }
    boolean part = answer.get(2).equals("part");
    known = StateItems.apply(part ? before : DesiredState.EMPTY, items(items, part), revision);
    epoch = answer.get(1);
    keep();
  }

  /** Of all items those that are gone need no removal. */
  private static List<Item> items(List<Item> items, boolean part) {
    return part ? items : items.stream().filter(item -> !item.removed()).toList();
  }

  /**
   * Writes what is known into the copy. Redis and the others have it, so failing is no loss yet.
   */
  private void keep() {
    DesiredState state = known;
    if (state.revision() == copied.revision() && state.equals(copied)) {
      return;
    }
    try {
      copied = copy.commit(copied, StateChange.between(copied, state), state.revision());
    } catch (StoreException e) {
      log.error("cluster: the copy of revision {} failed: {}", state.revision(), e.getMessage());
    }
  }

  @Override
  public DesiredState commit(DesiredState base, StateChange change) throws StoreException {
    synchronized (turn) {
      if (!phase.equals("ready")) {
        throw unavailable();
      }
      long revision = base.revision() + 1;
      List<String> arguments = new ArrayList<>();
      arguments.add(Long.toString(base.revision()));
      arguments.add(Long.toString(revision));
      arguments.add(UUID.randomUUID().toString());
      arguments.add(options.member());
      for (Item item : StateItems.of(change)) {
        arguments.add(item.key());
        arguments.add(flagged(item));
      }
      List<String> answer = commit(arguments);
      switch (answer.get(0)) {
        case "stored" -> {
          DesiredState stored = base.with(change).withRevision(revision);
          known = stored;
          if (copied.revision() == base.revision()) {
            keep(change, stored);
          } else {
            keep();
          }
          return stored;
        }
        case "stale" ->
            throw new StaleStateException(base.revision(), Long.parseLong(answer.get(1)));
        default -> {
          enter("comparing");
          throw unavailable();
        }
      }
    }
  }

  /** Asks twice: what was stored although the first answer was lost says so the second time. */
  private List<String> commit(List<String> arguments) throws StoreException {
    List<String> keys = List.of("state", "items", "changed", "commits", "offers", "news");
    try {
      return link.run("commit", keys, arguments);
    } catch (StoreUnavailableException e) {
      return link.run("commit", keys, arguments);
    }
  }

  private void keep(StateChange change, DesiredState stored) {
    try {
      copied = copy.commit(copied, change, stored.revision());
    } catch (StoreException e) {
      log.error("cluster: the copy of revision {} failed: {}", stored.revision(), e.getMessage());
    }
  }

  private StoreUnavailableException unavailable() {
    return new StoreUnavailableException(
        phase.equals("away")
            ? "the cluster cannot be written: redis is away"
            : "the cluster cannot be written: redis was started again and the members compare");
  }

  @Override
  public void applied(long revision, String failure) throws StoreException {
    synchronized (turn) {
      String reason = failure.replaceAll("\\s+", " ");
      ack =
          failure.isEmpty()
              ? new Ack(revision, ack.failedRevision(), ack.failure())
              : new Ack(revision, revision, reason);
      link.tell("acks", options.member(), ack.toString(), "applied " + options.member());
    }
  }

  @Override
  public void awaitApplied(long revision) throws StoreException {
    long limit = System.nanoTime() + options.answerTimeout().toNanos();
    while (true) {
      long seen;
      synchronized (acked) {
        seen = ackedNews;
      }
      List<String> waitedFor = new ArrayList<>();
      for (Map.Entry<String, Ack> member : acks().entrySet()) {
        if (member.getValue().failedRevision() == revision) {
          throw new StoreException(
              "member " + member.getKey() + ": " + member.getValue().failure());
        }
        if (member.getValue().revision() < revision) {
          waitedFor.add(member.getKey());
        }
      }
      if (waitedFor.isEmpty()) {
        return;
      }
      if (System.nanoTime() - limit > 0) {
        throw new StoreException(
            "no answer from "
                + String.join(", ", waitedFor)
                + " within "
                + options.answerTimeout().toSeconds()
                + " s");
      }
      awaitNews(seen);
    }
  }

  private void awaitNews(long seen) throws StoreException {
    synchronized (acked) {
      if (ackedNews != seen) {
        return;
      }
      try {
        acked.wait(LOOK_AGAIN_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoreException("interrupted while waiting for the other members", e);
      }
    }
  }

  private Map<String, Ack> acks() throws StoreException {
    Map<String, Ack> acks = new HashMap<>();
    List<String> answer = membersAnswer();
    for (int i = 0; i < Integer.parseInt(answer.get(0)); i++) {
      acks.put(answer.get(1 + 2 * i), Ack.parse(answer.get(2 + 2 * i)));
    }
    // While it was taken for dead, the cluster has forgotten what this member said.
    acks.put(options.member(), ack);
    return acks;
  }

  private List<String> membersAnswer() throws StoreException {
    return link.run("members", List.of("members", "acks", "leases"), List.of());
  }

  /**
   * The live members.
   *
   * @throws StoreException if Redis is away
   */
  public List<ClusterMember> members() throws StoreException {
    List<String> answer = membersAnswer();
    int live = Integer.parseInt(answer.get(0));
    Map<String, List<String>> vips = new HashMap<>();
    for (int i = 1 + 2 * live; i < answer.size(); i += 2) {
      vips.computeIfAbsent(answer.get(i + 1), owner -> new ArrayList<>()).add(answer.get(i));
    }
    return acks().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            member -> {
              Ack last = member.getValue();
              return new ClusterMember(
                  member.getKey(),
                  last.revision(),
                  last.failedRevision() == last.revision() ? last.failure() : "",
                  vips.getOrDefault(member.getKey(), List.of()));
            })
        .collect(Collectors.toList());
  }

  @Override
  public void onRemoteChange(Runnable newListener) {
    listener = newListener;
    newListener.run();
  }

  /** The vips of this member, for the daemon's {@code vipOwnership}. */
  public VipOwnership vips() {
    return leases;
  }

  @Override
  public boolean owns(VipId vip) {
    return leases.owns(vip);
  }

  @Override
  public void onChange(Runnable newListener) {
    leases.onChange(newListener);
  }

  /**
   * Gives the vips up ahead of {@link #close}, which frees them for others: let a pass take the
   * addresses off in between.
   */
  public void leave() {
    leaving = true;
    leases.drop();
  }

  @Override
  public void close() {
    beats.shutdownNow();
    try {
      if (!phase.equals("away")) {
        link.run(
            "leave",
            List.of("members", "offers", "acks", "leases", "beats", "news"),
            List.of(options.member()));
      }
    } catch (StoreException e) {
      log.warn("cluster: could not be left in order: {}", e.getMessage());
    }
    link.close();
    copy.close();
  }

  /** Goes away as a crash does: without a word. */
  void abandon() {
    beats.shutdownNow();
    link.close();
    copy.close();
  }
}
