package io.portal.store.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.StaticCredentialsProvider;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import io.portal.core.InvalidException;
import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections to Redis: scripts on one, news on the other. Both come back by themselves; while
 * they are away everything is refused at once. Thread-safe.
 */
final class RedisLink implements AutoCloseable {

  /** In braces, so that all keys are of one slot. */
  private static final String PREFIX = "{portal}:";

  private static final int STAGED_AT_ONCE = 1000;

  private final RedisURI uri;
  private final Duration timeout;
  private final ClientResources resources;
  private final RedisClient client;
  private final Consumer<String> news;
  private final Map<String, String> scripts = new ConcurrentHashMap<>();
  private @Nullable StatefulRedisConnection<String, String> connection;
  private @Nullable StatefulRedisPubSubConnection<String, String> subscription;

  /**
   * A link that connects when it is first used.
   *
   * @param token password where the URL has none; empty for none
   * @param news told what others publish
   * @throws InvalidException if the URL is none
   */
  RedisLink(String url, String token, Duration timeout, Consumer<String> news) {
    try {
      uri = RedisURI.create(url);
    } catch (IllegalArgumentException e) {
      throw InvalidException.field(
          "cluster-connection",
          url.substring(0, Math.max(0, url.indexOf(':'))) + ":...",
          "none://, redis://host:port, rediss://host:port or"
              + " redis-sentinel://host:port,host:port/#master");
    }
    if (!token.isEmpty() && !url.contains("@")) {
      uri.setCredentialsProvider(new StaticCredentialsProvider(null, token.toCharArray()));
    }
    uri.setTimeout(timeout);
    this.timeout = timeout;
    this.news = news;
    resources =
        DefaultClientResources.builder()
            .ioThreadPoolSize(2)
            .computationThreadPoolSize(2)
            .reconnectDelay(Delay.constant(Duration.ofMillis(250)))
            .build();
    client = RedisClient.create(resources, uri);
    client.setOptions(
        ClientOptions.builder()
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .socketOptions(
                SocketOptions.builder()
                    .connectTimeout(Duration.ofSeconds(2))
                    .keepAlive(true)
                    .build())
            .build());
  }

  private synchronized StatefulRedisConnection<String, String> connection() {
    if (connection == null) {
      connection = client.connect();
    }
    if (subscription == null) {
      StatefulRedisPubSubConnection<String, String> opened = client.connectPubSub();
      opened.addListener(
          new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String message) {
              news.accept(message);
            }
          });
      opened.sync().subscribe(PREFIX + "news");
      subscription = opened;
    }
    return connection;
  }

  /**
   * Runs a script.
   *
   * @param keys names of its keys
   * @throws StoreUnavailableException if Redis is away or does not answer in time; it may have run
   */
  List<String> run(String script, List<String> keys, List<String> arguments) throws StoreException {
    return run(script, keys, arguments, timeout);
  }

  /** As {@link #run(String, List, List)}, with a time-out of its own. */
  List<String> run(String script, List<String> keys, List<String> arguments, Duration answerWithin)
      throws StoreException {
    String[] names = keys.stream().map(key -> PREFIX + key).toArray(String[]::new);
    try {
      RedisFuture<List<String>> answer =
          connection()
              .async()
              .eval(
                  scripts.computeIfAbsent(script, RedisLink::text),
                  ScriptOutputType.MULTI,
                  names,
                  arguments.toArray(String[]::new));
      LettuceFutures.awaitOrCancel(answer, answerWithin.toNanos(), TimeUnit.NANOSECONDS);
      return answer.get();
    } catch (RedisException | ExecutionException e) {
      throw unavailable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(e);
    }
  }

  private static StoreException unavailable(Exception e) {
    // Without its cause: that may quote the command, and a command may hold a private key.
    return new StoreUnavailableException("redis: " + RedisReason.of(e));
  }

  /** Sets a field of a hash, and tells the others. */
  void tell(String hash, String field, String value, String message) throws StoreException {
    try {
      connection().sync().hset(PREFIX + hash, field, value);
      connection().sync().publish(PREFIX + "news", message);
    } catch (RedisException e) {
      throw unavailable(e);
    }
  }

  /** Puts values aside under names that vanish by themselves. */
  void stage(String hash, String set, Map<String, String> values, long score)
      throws StoreException {
    try {
      RedisCommands<String, String> commands = connection().sync();
      commands.del(PREFIX + hash, PREFIX + set);
      Map<String, String> part = new HashMap<>();
      List<ScoredValue<String>> scores = new ArrayList<>();
      for (Map.Entry<String, String> entry : values.entrySet()) {
        part.put(entry.getKey(), entry.getValue());
        scores.add(ScoredValue.just(score, entry.getKey()));
        if (part.size() == STAGED_AT_ONCE) {
          stage(commands, hash, set, part, scores);
        }
      }
      if (!part.isEmpty()) {
        stage(commands, hash, set, part, scores);
      }
    } catch (RedisException e) {
      throw unavailable(e);
    }
  }

  @SuppressWarnings("unchecked") // an array of a generic type can be made no other way
  private static void stage(
      RedisCommands<String, String> commands,
      String hash,
      String set,
      Map<String, String> part,
      List<ScoredValue<String>> scores) {
    commands.hset(PREFIX + hash, part);
    commands.zadd(PREFIX + set, scores.toArray(ScoredValue[]::new));
    commands.expire(PREFIX + hash, 60);
    commands.expire(PREFIX + set, 60);
    part.clear();
    scores.clear();
  }

  private static String text(String script) {
    try (InputStream in = RedisLink.class.getResourceAsStream(script + ".lua")) {
      if (in == null) {
        throw new IllegalStateException(script + ".lua is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(script + ".lua cannot be read", e);
    }
  }

  /** Drops the connections, which may hang without an end; the next use makes new ones. */
  synchronized void reset() {
    if (connection != null) {
      connection.closeAsync();
      connection = null;
    }
    if (subscription != null) {
      subscription.closeAsync();
      subscription = null;
    }
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    resources.shutdown(0, 2, TimeUnit.SECONDS);
  }
}
