package io.portal.store.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import io.portal.core.InvalidException;
import io.portal.core.port.StaleStateException;
import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import io.portal.core.state.DesiredState;
import io.portal.core.state.StateChange;
import io.portal.store.RevisionedStore;
import io.portal.store.internal.Item;
import io.portal.store.internal.StateItems;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the desired state in PostgreSQL: one transaction a commit, with the revision checked, and a
 * notification to the other daemons on the same database. What a load or commit reads and writes is
 * in proportion to what changed. All methods block. Thread-safe.
 */
public final class PostgresStore implements RevisionedStore {

  private final PostgresUrl url;
  private final HikariDataSource pool;
  private final String member = UUID.randomUUID().toString();
  private @Nullable Listening listening;
  private DesiredState known = DesiredState.EMPTY;
  private @Nullable UUID knownEpoch;

  private PostgresStore(PostgresUrl url, HikariDataSource pool) {
    this.url = url;
    this.pool = pool;
  }

  /**
   * Connects, and makes or upgrades the tables. The old portal's tables are taken over when portal
   * meets them first.
   *
   * @param connection {@code postgres://user:password@host:port/database?sslmode=...}; {@code
   *     postgresql://} is the same
   * @throws InvalidException if that is no such URL
   * @throws StoreException if the database cannot be reached or used
   */
  public static PostgresStore open(String connection) throws StoreException {
    PostgresUrl url = PostgresUrl.parse(connection);
    HikariConfig config = new HikariConfig();
    config.setPoolName("portal-postgres");
    config.setJdbcUrl(url.jdbc());
    config.setDataSourceProperties(url.properties());
    config.setMaximumPoolSize(2);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(5_000);
    config.setAutoCommit(false);
    HikariDataSource pool;
    try {
      pool = new HikariDataSource(config);
    } catch (PoolInitializationException e) {
      throw new StoreUnavailableException(
          url + " cannot be reached: " + (e.getCause() == null ? e : e.getCause()).getMessage(), e);
    }
    PostgresStore store = new PostgresStore(url, pool);
    boolean opened = false;
    try {
      store.transaction(
          "make the tables",
          c -> {
            Migrations.run(c);
            return true;
          });
      opened = true;
      return store;
    } finally {
      if (!opened) {
        store.close();
      }
    }
  }

  private interface Work<T> {
    T with(Connection connection) throws SQLException, StoreException;
  }

  private <T> T transaction(String operation, Work<T> work) throws StoreException {
    try (Connection connection = pool.getConnection()) {
      try {
        T result = work.with(connection);
        connection.commit();
        return result;
      } finally {
        if (!connection.isClosed()) {
          connection.rollback();
        }
      }
    } catch (SQLException e) {
      throw failed(operation, e);
    }
  }

  private StoreException failed(String operation, SQLException e) {
    String state = e.getSQLState() == null ? "08000" : e.getSQLState();
    String message = url + ": " + operation + ": " + e.getMessage();
    // Connection, resources, operator intervention, read-only: PostgreSQL manual, appendix A.
    boolean away =
        state.startsWith("08")
            || state.startsWith("53")
            || state.startsWith("57")
            || state.equals("25006");
    return away ? new StoreUnavailableException(message, e) : new StoreException(message, e);
  }

  @Override
  public synchronized DesiredState load() throws StoreException {
    return transaction("load", this::load);
  }

  private DesiredState load(Connection connection) throws SQLException, StoreException {
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    Commits.Position position = Commits.position(connection);
    if (position.epoch().equals(knownEpoch) && position.revision() == known.revision()) {
      return known;
    }
    boolean catchUp =
        position.epoch().equals(knownEpoch)
            && position.revision() > known.revision()
            && known.revision() >= position.floor();
    known =
        catchUp
            ? StateItems.apply(
                known, Commits.since(connection, known.revision()), position.revision())
            : StateItems.apply(DesiredState.EMPTY, Commits.all(connection), position.revision());
    knownEpoch = position.epoch();
    return known;
  }

  @Override
  public DesiredState commit(DesiredState base, StateChange change) throws StoreException {
    return commit(base, change, base.revision() + 1);
  }

  @Override
  public synchronized DesiredState commit(DesiredState base, StateChange change, long revision)
      throws StoreException {
    UUID id = UUID.randomUUID();
    List<Item> items = StateItems.of(change);
    try {
      transaction("commit", c -> write(c, base, items, revision, id));
    } catch (StaleStateException e) {
      throw e;
    } catch (StoreException e) {
      if (!committedAllTheSame(id)) {
        throw e;
      }
    }
    known = base.with(change).withRevision(revision);
    return known;
  }

  private boolean write(
      Connection connection, DesiredState base, List<Item> items, long revision, UUID id)
      throws SQLException, StoreException {
    Commits.Position position = Commits.lockedPosition(connection);
    if (position.revision() != base.revision()) {
      throw new StaleStateException(base.revision(), position.revision());
    }
    Commits.write(connection, items, revision);
    Commits.remember(connection, id, revision);
    Commits.tell(connection, member);
    return true;
  }

  /** The connection may have gone after the server had committed: only the server knows. */
  private boolean committedAllTheSame(UUID id) {
    try {
      return transaction(
          "look for a commit",
          c -> {
            Commits.lockedPosition(c);
            return Commits.remembered(c, id);
          });
    } catch (StoreException stillAway) {
      return false;
    }
  }

  @Override
  public synchronized void onRemoteChange(Runnable listener) {
    if (listening != null) {
      listening.close();
    }
    listening = Listening.start(url, member, listener);
  }

  @Override
  public synchronized void close() {
    if (listening != null) {
      listening.close();
    }
    pool.close();
  }
}
