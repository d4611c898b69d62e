package io.portal.api;

import io.portal.api.config.Config;
import io.portal.api.config.Setting;
import io.portal.core.port.StateStore;
import io.portal.core.port.StoreException;
import io.portal.store.OnDamage;
import io.portal.store.RevisionedStore;
import io.portal.store.Stores;
import io.portal.store.redis.ClusterOptions;
import io.portal.store.redis.RedisCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The store that the settings name, and the cluster over it.
 *
 * @param store what portal works on; closing it closes both
 * @param cluster empty for a portal on its own
 */
record StateStores(StateStore store, Optional<RedisCluster> cluster) {

  /**
   * Opens the store, and joins the cluster if one is named. Blocks.
   *
   * @throws IOException if the store cannot be opened
   */
  static StateStores open(Config config) throws IOException {
    try {
      RevisionedStore own =
          Stores.open(
              config.get(Setting.DB_CONNECTION),
              config.on(Setting.SET_ASIDE_DAMAGED) ? OnDamage.SET_ASIDE : OnDamage.REFUSE);
      try {
        Optional<RedisCluster> cluster =
            Stores.join(
                config.get(Setting.CLUSTER_CONNECTION),
                config.get(Setting.CLUSTER_TOKEN),
                own,
                options(config));
        return new StateStores(cluster.isPresent() ? cluster.get() : own, cluster);
      } catch (RuntimeException | StoreException e) {
        own.close();
        throw e;
      }
    } catch (StoreException e) {
      throw new IOException("store: " + e.getMessage(), e);
    }
  }

  private static ClusterOptions options(Config config) {
    ClusterOptions usual = ClusterOptions.of(member(config));
    return new ClusterOptions(
        usual.member(),
        config.duration(Setting.CLUSTER_ANSWER_TIMEOUT),
        config.duration(Setting.CLUSTER_DEAD_AFTER),
        config.duration(Setting.CLUSTER_VIP_LEASE),
        usual.compareFor());
  }

  /** Host and API port: several members on one host differ in their port. */
  private static String member(Config config) {
    return hostName() + ":" + config.get(Setting.API_PORT);
  }

  /** The host's own name for itself, whether or not it resolves. */
  private static String hostName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException notLinux) {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException unresolved) {
        return "portal";
      }
    }
  }
}
