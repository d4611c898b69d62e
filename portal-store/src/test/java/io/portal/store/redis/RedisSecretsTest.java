package io.portal.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.base.Throwables;
import io.lettuce.core.RedisCommandExecutionException;
import io.portal.core.port.StoreUnavailableException;
import io.portal.store.servers.AllLogs;
import io.portal.store.servers.RealRedis;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever Redis says to a command, a private key in it is shown to nobody. */
class RedisSecretsTest {

  private static final String KEY = "-----BEGIN KEY-----MIIEvQIBADANB";

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static RealRedis redis;

  @BeforeAll
  static void startServer() throws Exception {
    redis = RealRedis.start();
  }

  @AfterAll
  static void stopServer() throws Exception {
    redis.close();
  }

  @ParameterizedTest
  @CsvSource({
    "ACL SETUSER default -hset -eval, refused it with NOPERM",
    "CONFIG SET maxmemory 1, OOM command not allowed",
    "CONFIG SET min-replicas-to-write 1, NOREPLICAS Not enough",
    "REPLICAOF 127.0.0.1 1, READONLY You",
    "SET {portal}:acks x, WRONGTYPE Operation"
  })
  void showsNoKeyThatTheServerRefuses(String obstacle, String error) throws Exception {
    try (RealRedis own = RealRedis.start();
        AllLogs logs = AllLogs.collect();
        RedisLink link = new RedisLink(own.url(), RealRedis.TOKEN, TIMEOUT, news -> {})) {
      own.ask(obstacle);

      Throwable refusal = catchThrowable(() -> link.tell("acks", "member", KEY, "news"));

      assertThat(refusal)
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageStartingWith("redis: ")
          .hasMessageContaining(error);
      assertShowsNoKey(refusal, logs);
      assertShowsNoKey(catchThrowable(() -> commit(link)), logs);
    }
  }

  @Test
  void showsNoKeyWhenTheServerIsGone() throws Exception {
    try (AllLogs logs = AllLogs.collect();
        RedisLink link = new RedisLink(redis.url(), RealRedis.TOKEN, TIMEOUT, news -> {})) {
      link.run("members", List.of("members", "acks", "leases"), List.of());
      redis.kill();

      assertShowsNoKey(catchThrowable(() -> commit(link)), logs);
    } finally {
      redis.restart();
    }
  }

  @Test
  void quotesNoArgumentsOfAnUnknownCommand() {
    assertThat(
            RedisReason.of(
                new RedisCommandExecutionException(
                    "ERR unknown command 'EVAL', with args beginning with: '" + KEY + "'")))
        .isEqualTo("the server refused it with ERR; its own log says more");
  }

  private static void commit(RedisLink link) throws Exception {
    link.run(
        "commit",
        List.of("state", "items", "changed", "commits", "offers", "news"),
        List.of("0", "1", "id", "member", "cert:1", "+" + KEY));
  }

  private static void assertShowsNoKey(Throwable refusal, AllLogs logs) {
    if (refusal != null) {
      assertThat(Throwables.getStackTraceAsString(refusal)).doesNotContain("MIIE", "BEGIN");
    }
    assertThat(logs.text()).doesNotContain("MIIE", "BEGIN");
  }
}
