package io.portal.api;

import io.portal.api.config.Config;
import io.portal.api.config.ConfigException;
import io.portal.api.config.Setting;
import io.portal.netlink.NamespaceLock;
import io.portal.netlink.NetlinkException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps two daemons out of one kernel table: each would take the other's services for drift and
 * remove them, for ever.
 */
final class OneDirector {

  private static final Logger log = LoggerFactory.getLogger(OneDirector.class);

  private static final String NAME = "portal/ipvs";

  /** How long a daemon that is stopping may take to let go. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  private static final Duration PAUSE = Duration.ofMillis(50);

  private OneDirector() {}

  /**
   * Marks this network namespace's IPVS as this daemon's; waits for one that is stopping. Blocks.
   *
   * @return what marks it until it is closed; empty where another daemon runs and {@code
   *     ignore-addresses} says who has what
   * @throws ConfigException if another daemon balances here
   */
  static Optional<NamespaceLock> claim(Config config) throws IOException {
    long limit = System.nanoTime() + LONGEST_WAIT.toNanos();
    Optional<NamespaceLock> lock = lock();
    if (lock.isEmpty()) {
      log.info("another portal daemon{} balances here; waiting for it to stop", pid());
    }
    while (lock.isEmpty() && System.nanoTime() - limit < 0) {
      pause();
      lock = lock();
    }
    if (lock.isPresent()) {
      return lock;
    }
    String other = "another portal daemon" + pid() + " balances in this network namespace";
    if (config.get(Setting.IGNORE_ADDRESSES).isEmpty()) {
      throw new ConfigException(
          other
              + ", and each would remove the other's services: stop it, run this one in a network"
              + " namespace of its own, or give each the other's networks with ignore-addresses");
    }
    log.warn(
        "{}: whatever is outside ignore-addresses of both, each removes from the other", other);
    return Optional.empty();
  }

  private static Optional<NamespaceLock> lock() throws IOException {
    try {
      return NamespaceLock.tryLock(NAME);
    } catch (NetlinkException e) {
      throw new IOException("marking this network namespace: " + e.getMessage(), e);
    }
  }

  private static String pid() {
    OptionalLong pid = NamespaceLock.holder(NAME);
    return pid.isPresent() ? " (process " + pid.getAsLong() + ")" : "";
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for another daemon to stop", e);
    }
  }
}
