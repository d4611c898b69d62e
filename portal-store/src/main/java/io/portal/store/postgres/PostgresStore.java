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
import io.portal.store.internal.QuietPool;
import io.portal.store.internal.StateItems;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
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
  private volatile @Nullable Listening listening;
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
    config.setValidationTimeout(2_000);
    config.setAutoCommit(false);
    config.setExceptionOverrideClassName(QuietPool.class.getName());
    HikariDataSource pool;
    try {
      pool = new HikariDataSource(config);
    } catch (PoolInitializationException e) {
      throw new StoreUnavailableException(
          url
              + " cannot be reached: "
              + (e.getCause() instanceof SQLException cause
                  ? SqlReason.of(cause)
                  : "the driver could not be started"));
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
    return transaction(operation, work, () -> false);
  }

  /** Finds out whether a transaction was committed whose commit got no answer. */
  private interface Committed {
    boolean allTheSame();
  }

  private <T> T transaction(String operation, Work<T> work, Committed committed)
      throws StoreException {
    try (Connection connection = pool.getConnection()) {
      try {
        T result = work.with(connection);
        try {
          connection.commit();
        } catch (SQLException e) {
          if (!committed.allTheSame()) {
            throw e;
          }
        }
        return result;
      } catch (SQLException e) {
        pool.evictConnection(connection);
        throw e;
      } catch (StoreException e) {
        connection.rollback();
        throw e;
      }
    } catch (SQLException e) {
      throw failed(operation, e);
    }
  }

  private StoreException failed(String operation, SQLException e) {
    String state = SqlReason.state(e);
    String message = url + ": " + operation + ": " + SqlReason.of(e);
    // Connection, resources, operator intervention, read-only, lock not available: PostgreSQL
    // manual, appendix A.
    boolean away =
        state.startsWith("08")
            || state.startsWith("53")
            || state.startsWith("57")
            || state.equals("25006")
            || state.equals("55P03");
    // Without its cause: the driver's exception quotes the statement, which may hold a private key.
    return away ? new StoreUnavailableException(message) : new StoreException(message);
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
    transaction("commit", c -> write(c, base, items, revision, id), () -> remembered(id));
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
  private boolean remembered(UUID id) {
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
  public Map<String, String> problems() {
    Listening current = listening;
    String away = current == null ? "" : current.away();
    return away.isEmpty()
        ? Map.of()
        : Map.of("store", url + " is away, others' changes are not seen: " + away);
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
