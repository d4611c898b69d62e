package io.portal.store.redis;

import io.portal.core.port.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the live members say of themselves: which revision each has applied, and which vips it has.
 * Thread-safe, but {@link #applied} is for one thread at a time.
 */
final class Members {

  private static final long LOOK_AGAIN_MILLIS = 250;

  private final String self;
  private final Duration answerTimeout;
  private final RedisLink link;
  private final Object lock = new Object();
  private volatile Ack ack = Ack.NONE;
  private long news;

  Members(ClusterOptions options, RedisLink link) {
    this.self = options.member();
    this.answerTimeout = options.answerTimeout();
    this.link = link;
  }

  /** What this member has said last. */
  Ack own() {
    return ack;
  }

  /**
   * Says that this member has applied that revision, or could not.
   *
   * @param failure why it could not; empty if it has
   */
  void applied(long revision, String failure) throws StoreException {
    Ack before = ack;
    ack =
        failure.isEmpty()
            ? new Ack(revision, before.failedRevision(), before.failure())
            : new Ack(revision, revision, failure.replaceAll("\\s+", " "));
    link.tell("acks", self, ack.toString(), "applied " + self);
  }

  /** Somebody may have said something. */
  void news() {
    synchronized (lock) {
      news++;
      lock.notifyAll();
    }
  }

  /**
   * Waits until all live members have applied that revision.
   *
   * @throws StoreException if one could not, naming it and its reason, or time ran out
   */
  void awaitApplied(long revision) throws StoreException {
    long limit = System.nanoTime() + answerTimeout.toNanos();
    while (true) {
      long seen;
      synchronized (lock) {
        seen = news;
      }
      List<String> waitedFor = waitedFor(revision);
      if (waitedFor.isEmpty()) {
        return;
      }
      if (System.nanoTime() - limit > 0) {
        throw new StoreException(
            "no answer from "
                + String.join(", ", waitedFor)
                + " within "
                + answerTimeout.toSeconds()
                + " s");
      }
      awaitNews(seen);
    }
  }

  private List<String> waitedFor(long revision) throws StoreException {
    List<String> waitedFor = new ArrayList<>();
    for (Map.Entry<String, Ack> member : acks(ask()).entrySet()) {
      Ack said = member.getValue();
      if (said.failedRevision() == revision) {
        throw new StoreException("member " + member.getKey() + ": " + said.failure());
      }
      if (said.revision() < revision) {
        waitedFor.add(member.getKey());
      }
    }
    return waitedFor;
  }

  private void awaitNews(long seen) throws StoreException {
    synchronized (lock) {
      if (news != seen) {
        return;
      }
      try {
        lock.wait(LOOK_AGAIN_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StoreException("interrupted while waiting for the other members", e);
      }
    }
  }

  private List<String> ask() throws StoreException {
    return link.run("members", List.of("members", "acks", "leases"), List.of());
  }

  private Map<String, Ack> acks(List<String> answer) {
    Map<String, Ack> acks = new HashMap<>();
    for (int i = 0; i < Integer.parseInt(answer.get(0)); i++) {
      acks.put(answer.get(1 + 2 * i), Ack.parse(answer.get(2 + 2 * i)));
    }
    // While it was taken for dead, the cluster has forgotten what this member said.
    acks.put(self, ack);
    return acks;
  }

  /**
   * The live members, by name.
   *
   * @throws StoreException if Redis is away
   */
  List<ClusterMember> live() throws StoreException {
    List<String> answer = ask();
    Map<String, List<String>> vips = new HashMap<>();
    for (int i = 1 + 2 * Integer.parseInt(answer.get(0)); i < answer.size(); i += 2) {
      vips.computeIfAbsent(answer.get(i + 1), owner -> new ArrayList<>()).add(answer.get(i));
    }
    return acks(answer).entrySet().stream()
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
}
