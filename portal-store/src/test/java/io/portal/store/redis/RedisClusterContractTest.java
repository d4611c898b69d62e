package io.portal.store.redis;

import io.portal.core.port.StateStore;
import io.portal.core.port.StateStoreContract;
import io.portal.store.file.FileStore;
import io.portal.store.servers.RealRedis;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class RedisClusterContractTest extends StateStoreContract {

  private static RealRedis redis;
  @TempDir Path directory;
  private boolean flushed;

  @BeforeAll
  static void startRedis() throws Exception {
    redis = RealRedis.start();
  }

  @AfterAll
  static void stopRedis() throws Exception {
    if (redis != null) {
      redis.close();
    }
  }

  static ClusterOptions options(String member) {
    return new ClusterOptions(
        member,
        Duration.ofSeconds(10),
        Duration.ofSeconds(2),
        Duration.ofMillis(1000),
        Duration.ofMillis(300));
  }

  @Override
  protected StateStore open() throws Exception {
    if (!flushed) {
      redis.ask("FLUSHALL");
      flushed = true;
    }
    return RedisCluster.join(
        redis.url(), RealRedis.TOKEN, FileStore.open(directory), options("one"));
  }
}
