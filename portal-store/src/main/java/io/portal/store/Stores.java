package io.portal.store;

import io.portal.core.InvalidException;
import io.portal.core.port.StoreException;
import io.portal.store.file.FileStore;
import io.portal.store.postgres.PostgresStore;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

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
    if (connection.startsWith(FILES) && connection.length() > FILES.length()) {
      try {
        return FileStore.open(Path.of(connection.substring(FILES.length())));
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

  private static String scheme(String connection) {
    int colon = connection.indexOf(':');
    return colon < 0 ? "..." : connection.substring(0, colon) + ":...";
  }
}
