package io.portal.store.postgres;

import io.portal.core.port.StoreException;
import io.portal.store.internal.Item;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** The statements of commits and loads, each within the caller's transaction. */
final class Commits {

  /** Revisions for which removals and commit ids are remembered. */
  private static final long REMEMBERED = 10_000;

  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(4);

  private static final String POSITION = "SELECT epoch, revision, floor FROM portal_state";

  private Commits() {}

  /**
   * Where the stored state stands.
   *
   * @param epoch another one means another history
   * @param revision counts the commits
   * @param floor removals up to this revision are forgotten
   */
  record Position(UUID epoch, long revision, long floor) {}

  static Position position(Connection connection) throws SQLException, StoreException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(POSITION)) {
      return position(rows);
    }
  }

  /**
   * As {@link #position}, and no other commit passes until the transaction ends. From here on a
   * statement of the transaction waits for somebody's lock for {@link #LOCK_TIMEOUT} at most.
   */
  static Position lockedPosition(Connection connection) throws SQLException, StoreException {
    try (Statement statement = connection.createStatement()) {
      // One round trip for both.
      statement.execute(
          "SET LOCAL lock_timeout = " + LOCK_TIMEOUT.toMillis() + "; " + POSITION + " FOR UPDATE");
      if (!statement.getMoreResults()) {
        throw new StoreException("table portal_state gave no rows");
      }
      try (ResultSet rows = statement.getResultSet()) {
        return position(rows);
      }
    }
  }

  private static Position position(ResultSet rows) throws SQLException, StoreException {
    if (!rows.next()) {
      throw new StoreException("table portal_state is empty");
    }
    return new Position(rows.getObject(1, UUID.class), rows.getLong(2), rows.getLong(3));
  }

  /** Items that changed after that revision. */
  static List<Item> since(Connection connection, long revision) throws SQLException {
    return items(connection, "WHERE revision > " + revision);
  }

  /** Items that are there. */
  static List<Item> all(Connection connection) throws SQLException {
    return items(connection, "WHERE NOT removed");
  }

  private static List<Item> items(Connection connection, String where) throws SQLException {
    List<Item> items = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(1000);
      try (ResultSet rows =
          statement.executeQuery("SELECT key, value, removed FROM portal_item " + where)) {
        while (rows.next()) {
          items.add(new Item(rows.getString(1), rows.getString(2), rows.getBoolean(3)));
        }
      }
    }
    return items;
  }

  /** Stores these items under that revision. */
  static void write(Connection connection, Collection<Item> items, long revision)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO portal_item (key, value, removed, revision) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT (key) DO UPDATE SET value = excluded.value,"
                + " removed = excluded.removed, revision = excluded.revision")) {
      int batched = 0;
      for (Item item : items) {
        statement.setString(1, item.key());
        statement.setString(2, item.value());
        statement.setBoolean(3, item.removed());
        statement.setLong(4, revision);
        statement.addBatch();
        if (++batched % 500 == 0) {
          statement.executeBatch();
        }
      }
      statement.executeBatch();
    }
    try (PreparedStatement statement =
        connection.prepareStatement("UPDATE portal_state SET revision = ?")) {
      statement.setLong(1, revision);
      statement.executeUpdate();
    }
  }

  /** Remembers a commit by its id, and now and then forgets old ones. */
  static void remember(Connection connection, UUID id, long revision) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO portal_commit (id, revision) VALUES (?, ?)")) {
      statement.setObject(1, id);
      statement.setLong(2, revision);
      statement.executeUpdate();
    }
    long floor = revision - REMEMBERED;
    if (revision % 1000 == 0 && floor > 0) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("DELETE FROM portal_commit WHERE revision <= " + floor);
        statement.execute("DELETE FROM portal_item WHERE removed AND revision <= " + floor);
        statement.execute("UPDATE portal_state SET floor = " + floor);
      }
    }
  }

  /** Whether a commit is remembered. */
  static boolean remembered(Connection connection, UUID id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT 1 FROM portal_commit WHERE id = ?")) {
      statement.setObject(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  /** Tells the other daemons, when the transaction commits. */
  static void tell(Connection connection, String member) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_notify('" + Listening.CHANNEL + "', ?)")) {
      statement.setString(1, member);
      statement.execute();
    }
  }
}
