package io.portal.store.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread with a connection of its own on which the server tells of others' commits. When it was
 * cut off it comes back, and tells its listener then, for something may have been missed.
 */
final class Listening implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Listening.class);

  static final String CHANNEL = "portal";

  /** How long one wait for news takes; the server is asked whether it lives in between. */
  private static final int WAIT_MILLIS = 2_000;

  /** How long the server may take to say that it lives. */
  private static final int ANSWER_MILLIS = 2_000;

  private static final long RETRY_MILLIS = 500;

  private final PostgresUrl url;
  private final String member;
  private final Runnable listener;
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable Connection connection;
  private volatile String away = "";

  private Listening(PostgresUrl url, String member, Runnable listener) {
    this.url = url;
    this.member = member;
    this.listener = listener;
    this.thread = new Thread(this::run, "portal-postgres-listen");
  }

  /**
   * Starts to listen.
   *
   * @param member what this daemon signs its own commits with
   */
  static Listening start(PostgresUrl url, String member, Runnable listener) {
    Listening listening = new Listening(url, member, listener);
    listening.thread.setDaemon(true);
    listening.thread.start();
    return listening;
  }

  private void run() {
    while (!closed) {
      try (Connection opened = DriverManager.getConnection(url.jdbc(), url.properties())) {
        connection = opened;
        // A connection that is silently dead must be noticed within seconds.
        opened.setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
        try (Statement statement = opened.createStatement()) {
          statement.execute("LISTEN " + CHANNEL);
        }
        if (!away.isEmpty()) {
          log.info("store: {} is back", url);
        }
        away = "";
        listener.run();
        listen(opened);
      } catch (SQLException e) {
        String reason = SqlReason.of(e);
        if (!closed && away.isEmpty()) {
          log.warn("store: {} is away: {}", url, reason);
        }
        away = reason;
        pause();
      }
    }
  }

  private void listen(Connection opened) throws SQLException {
    PGConnection postgres = opened.unwrap(PGConnection.class);
    while (!closed) {
      PGNotification[] news = postgres.getNotifications(WAIT_MILLIS);
      boolean others = false;
      for (PGNotification one : news == null ? new PGNotification[0] : news) {
        others |= !one.getParameter().equals(member);
      }
      if (others) {
        listener.run();
      } else if (news == null || news.length == 0) {
        try (Statement statement = opened.createStatement()) {
          statement.execute("SELECT 1");
        }
      }
    }
  }

  /** Why others' commits cannot be heard of now; empty if they can. */
  String away() {
    return away;
  }

  private void pause() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    Connection open = connection;
    if (open != null) {
      try {
        open.abort(Runnable::run);
      } catch (SQLException e) {
        log.debug("store: the listening connection could not be closed", e);
      }
    }
    thread.interrupt();
  }
}
