package io.portal.store;

import io.portal.core.InvalidException;
import io.portal.core.port.StoreException;
import io.portal.store.file.FileStore;
import io.portal.store.postgres.PostgresStore;
import io.portal.store.redis.ClusterOptions;
import io.portal.store.redis.RedisCluster;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Picks the store that a connection string names. */
public final class Stores {

  private static final String FILES = "scribble://";

  private Stores() {}

  /**
   * Opens the store of a connection string. Blocks.
   *
   * @param connection {@code scribble://PATH} or {@code
   *     postgres://USER:PASSWORD@HOST:PORT/DATABASE}
   * @throws InvalidException if it names no store; the message never holds more of it than the
   *     scheme, for the rest may be a secret
   * @throws StoreException if the store cannot be opened
   */
  public static RevisionedStore open(String connection) throws StoreException {
    return open(connection, OnDamage.REFUSE);
  }

  /**
   * As {@link #open(String)}.
   *
   * @param onDamage what to do with a store of files of which a part is damaged or missing
   */
  public static RevisionedStore open(String connection, OnDamage onDamage) throws StoreException {
    if (connection.startsWith(FILES) && connection.length() > FILES.length()) {
      try {
        return FileStore.open(Path.of(connection.substring(FILES.length())), onDamage);
      } catch (InvalidPathException e) {
        throw InvalidException.field("db-connection", connection, "scribble:// and a path");
      }
    }
    if (connection.startsWith("postgres://") || connection.startsWith("postgresql://")) {
      return PostgresStore.open(connection);
    }
    throw InvalidException.field(
        "db-connection",
        scheme(connection),
        "scribble:// and a path, or postgres://user:password@host:port/database");
  }

  /**
   * Joins the cluster of a connection string. Blocks.
   *
   * @param connection {@code none://} or empty for no cluster, {@code redis://HOST:PORT}, {@code
   *     rediss://HOST:PORT} or {@code redis-sentinel://HOST:PORT,HOST:PORT/#MASTER}
   * @param token the cluster token, Redis's password where the connection string has none
   * @param copy where this member keeps its own copy of the state; closed with the cluster
   * @return empty for no cluster
   * @throws InvalidException if it names no cluster; the message holds no more than its scheme
   * @throws StoreException if the copy cannot be read
   */
  public static Optional<RedisCluster> join(
      String connection, String token, RevisionedStore copy, ClusterOptions options)
      throws StoreException {
    if (connection.isEmpty() || connection.equals("none://")) {
      return Optional.empty();
    }
    if (connection.startsWith("redis://")
        || connection.startsWith("rediss://")
        || connection.startsWith("redis-sentinel://")) {
      return Optional.of(RedisCluster.join(connection, token, copy, options));
    }
    throw InvalidException.field(
        "cluster-connection",
        scheme(connection),
        "none://, redis://host:port, rediss://host:port or"
            + " redis-sentinel://host:port,host:port/#master");
  }

  private static String scheme(String connection) {
    int colon = connection.indexOf(':');
    return colon < 0 ? "..." : connection.substring(0, colon) + ":...";
  }
}
