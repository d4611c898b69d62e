package io.portal.store.redis;

import io.portal.core.InvalidException;
import java.time.Duration;

/**
 * How a member behaves in its cluster.
 *
 * @param member what others call it; one word, and no two live members have the same
 * @param answerTimeout how long a write waits for all members
 * @param deadAfter how long a silent member counts as alive, and writes wait for it
 * @param vipLease how long a silent member keeps its vips; another one has them within this time
 *     and a beat, which is a quarter of it
 * @param compareFor how long members compare their states after Redis was started again
 */
public record ClusterOptions(
    String member,
    Duration answerTimeout,
    Duration deadAfter,
    Duration vipLease,
    Duration compareFor) {

  /**
   * Checks the parts.
   *
   * @throws InvalidException if one is out of its range
   */
  public ClusterOptions {
    if (!member.matches("[^\\s]{1,200}")) {
      throw InvalidException.field("cluster member", member, "one word of 1 to 200 characters");
    }
    check("cluster answer timeout", answerTimeout);
    check("cluster dead after", deadAfter);
    check("cluster vip lease", vipLease);
    check("cluster compare for", compareFor);
  }

  private static void check(String field, Duration value) {
    if (value.toMillis() < 100 || value.compareTo(Duration.ofHours(1)) > 0) {
      throw InvalidException.field(field, value, "100 ms to 1 h");
    }
  }

  /** The defaults: 30 s to answer, 20 s until a member is dead, vips move within 4 s. */
  public static ClusterOptions of(String member) {
    return new ClusterOptions(
        member,
        Duration.ofSeconds(30),
        Duration.ofSeconds(20),
        Duration.ofSeconds(3),
        Duration.ofSeconds(3));
  }

  /** Time between two beats. */
  Duration beat() {
    return vipLease.dividedBy(4);
  }
}
