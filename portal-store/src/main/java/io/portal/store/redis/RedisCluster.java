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
import java.util.List;
import java.util.Map;
import java.util.UUID;
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

  private final ClusterOptions options;
  private final RedisLink link;
  private final MemberCopy known;
  private final Members members;
  private final VipLeases leases;
  private final Heartbeat heartbeat;
  private final Object turn = new Object();
  private volatile Runnable listener = () -> {};

  private RedisCluster(String url, String token, RevisionedStore copy, ClusterOptions options)
      throws StoreException {
    this.options = options;
    known = new MemberCopy(copy);
    link = new RedisLink(url, token, Duration.ofSeconds(5), this::news);
    members = new Members(options, link);
    leases = new VipLeases(options.vipLease(), System::nanoTime);
    heartbeat = new Heartbeat(options, link, known, members, leases, () -> listener.run());
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
    cluster.heartbeat.start();
    return cluster;
  }

  /** Whether the cluster takes writes now; else why not: {@code away, comparing, seeding}. */
  public String phase() {
    return heartbeat.phase().toString();
  }

  private void news(String message) {
    members.news();
    if (message.startsWith("commit ") && !message.endsWith(" " + options.member())) {
      listener.run();
    }
  }

  @Override
  public DesiredState load() throws StoreException {
    synchronized (turn) {
      if (heartbeat.phase() == Phase.READY) {
        try {
          catchUp();
        } catch (StoreUnavailableException e) {
          log.warn(
              "cluster: {}; going on with revision {}", e.getMessage(), known.state().revision());
        }
      }
      if (members.own().equals(Ack.NONE) && heartbeat.phase() == Phase.READY) {
        // What is loaded first is applied without a word.
        members.applied(known.state().revision(), "");
      }
      return known.state();
    }
  }

  private void catchUp() throws StoreException {
    known.takeOver(
        link.run(
            "load",
            List.of("state", "items", "changed"),
            List.of(Long.toString(known.state().revision()), known.epoch())));
  }

  @Override
  public DesiredState commit(DesiredState base, StateChange change) throws StoreException {
    synchronized (turn) {
      if (heartbeat.phase() != Phase.READY) {
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
        arguments.add(MemberCopy.flagged(item));
      }
      List<String> answer = commit(arguments);
      switch (answer.get(0)) {
        case "stored" -> {
          DesiredState stored = base.with(change).withRevision(revision);
          known.stored(base.revision(), change, stored);
          return stored;
        }
        case "stale" ->
            throw new StaleStateException(base.revision(), Long.parseLong(answer.get(1)));
        default -> {
          heartbeat.enter(Phase.COMPARING);
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

  private StoreUnavailableException unavailable() {
    return new StoreUnavailableException(
        heartbeat.phase() == Phase.AWAY
            ? "the cluster cannot be written: redis is away"
            : "the cluster cannot be written: redis was started again and the members compare");
  }

  @Override
  public void applied(long revision, String failure) throws StoreException {
    synchronized (turn) {
      members.applied(revision, failure);
    }
  }

  @Override
  public void awaitApplied(long revision) throws StoreException {
    members.awaitApplied(revision);
  }

  @Override
  public void verify() throws StoreException {
    synchronized (turn) {
      known.verify();
    }
  }

  @Override
  public Map<String, String> problems() {
    return known.problems();
  }

  /**
   * The live members.
   *
   * @throws StoreException if Redis is away
   */
  public List<ClusterMember> members() throws StoreException {
    return members.live();
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
    heartbeat.leave();
  }

  @Override
  public void close() {
    heartbeat.close();
    try {
      if (heartbeat.phase() != Phase.AWAY) {
        link.run(
            "leave",
            List.of("members", "offers", "acks", "leases", "beats", "news"),
            List.of(options.member()));
      }
    } catch (StoreException e) {
      log.warn("cluster: could not be left in order: {}", e.getMessage());
    }
    link.close();
    known.close();
  }

  /** Goes away as a crash does: without a word. */
  void abandon() {
    heartbeat.close();
    link.close();
    known.close();
  }
}
