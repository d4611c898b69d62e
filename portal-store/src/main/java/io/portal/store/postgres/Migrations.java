package io.portal.store.postgres;

import io.portal.core.port.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Makes and upgrades the tables by numbered scripts, each once, several daemons one after the
 * other. All within the caller's transaction.
 */
final class Migrations {

  /** Number of the newest script, {@code 1.sql} being the first. */
  static final int NEWEST = 1;

  /** Any number that is portal's own, for {@code pg_advisory_xact_lock}. */
  private static final long LOCK = 0x706f7274616cL;

  private Migrations() {}

  /**
   * Brings the tables up to {@link #NEWEST}; takes over the old portal's tables when they are made.
   *
   * @throws StoreException if the tables are of a newer portal
   */
  static void run(Connection connection) throws SQLException, StoreException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
      statement.execute("CREATE TABLE IF NOT EXISTS portal_schema (version integer NOT NULL)");
      int version = version(statement);
      if (version > NEWEST) {
        throw new StoreException(
            "the tables are of a newer portal: version " + version + ", this one knows " + NEWEST);
      }
      for (int next = version + 1; next <= NEWEST; next++) {
        statement.execute(script(next));
        statement.execute("DELETE FROM portal_schema");
        statement.execute("INSERT INTO portal_schema VALUES (" + next + ")");
      }
      if (version == 0) {
        OldTables.takeOver(connection);
      }
    }
  }

  private static int version(Statement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery("SELECT version FROM portal_schema")) {
      return rows.next() ? rows.getInt(1) : 0;
    }
  }

  private static String script(int number) throws StoreException {
    try (InputStream in = Migrations.class.getResourceAsStream(number + ".sql")) {
      if (in == null) {
        throw new StoreException("script " + number + ".sql is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new StoreException("script " + number + ".sql cannot be read", e);
    }
  }
}
