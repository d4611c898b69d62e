package io.portal.store.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A PostgreSQL server of the test's own, on a free loopback port and in a directory of its own. */
public final class RealPostgres implements AutoCloseable {

  private static final AtomicInteger DATABASES = new AtomicInteger();

  private final Path directory;
  private final int port;
  private final List<String> command;
  private Process process;

  private RealPostgres(Path directory, int port, List<String> command) {
    this.directory = directory;
    this.port = port;
    this.command = command;
  }

  /** Starts a new, empty server. */
  public static RealPostgres start() throws Exception {
    String initdb = Programs.find("initdb").toString();
    String postgres = Programs.find("postgres").toString();
    Path directory = Files.createTempDirectory("portal-postgres");
    Path data = directory.resolve("data");
    List<String> unprivileged = List.of();
    if ("root".equals(System.getProperty("user.name"))) {
      // It refuses to run as root.
      unprivileged =
          List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--");
      Programs.run(List.of("chown", "postgres:postgres", directory.toString()));
    }
    List<String> init = new ArrayList<>(unprivileged);
    init.addAll(
        List.of(initdb, "-D", data.toString(), "-U", "portal", "-A", "trust", "-N", "-E", "UTF8"));
    init.add("--locale=C");
    Programs.run(init);
    int port = Programs.freePort();
    List<String> command = new ArrayList<>(unprivileged);
    command.addAll(List.of(postgres, "-D", data.toString(), "-p", "" + port));
    command.addAll(List.of("-h", "127.0.0.1", "-k", directory.toString()));
    RealPostgres server = new RealPostgres(directory, port, command);
    server.restart();
    return server;
  }

  /** Starts it again after {@link #kill}. */
  public void restart() throws Exception {
    process = launch();
    long limit = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      try (Connection connection = connect("postgres")) {
        return;
      } catch (SQLException e) {
        if (System.nanoTime() > limit) {
          throw e;
        }
        if (!process.isAlive()) {
          // Children of one that was killed still held its shared memory.
          process = launch();
        }
        Thread.sleep(20);
      }
    }
  }

  private Process launch() throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Stops it at once, as a crash does. */
  public void kill() throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }

  /** Sends a signal, such as STOP, to all its processes. */
  public void signal(String name) throws Exception {
    List<String> kill = new ArrayList<>(List.of("kill", "-" + name, "" + process.pid()));
    process.descendants().forEach(child -> kill.add("" + child.pid()));
    Programs.run(kill);
  }

  /** Makes a new database and says where it is. */
  public String newDatabase() throws SQLException {
    String name = "portal" + DATABASES.incrementAndGet();
    execute("postgres", "CREATE DATABASE " + name);
    return "postgres://portal:secret@127.0.0.1:" + port + "/" + name + "?sslmode=disable";
  }

  /** Runs statements in the database of that URL. */
  public void executeIn(String url, String sql) throws SQLException {
    execute(url.substring(url.lastIndexOf('/') + 1, url.indexOf('?')), sql);
  }

  /** Keeps everybody else off a table of the database of that URL until it is closed. */
  public AutoCloseable lockTable(String url, String table) throws SQLException {
    Connection connection = connect(url.substring(url.lastIndexOf('/') + 1, url.indexOf('?')));
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("LOCK TABLE " + table);
    }
    return connection;
  }

  /** Waits until a statement that this pattern matches runs in the database of that URL. */
  public void awaitStatement(String url, String pattern) throws Exception {
    String database = url.substring(url.lastIndexOf('/') + 1, url.indexOf('?'));
    long limit = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement()) {
      while (true) {
        try (ResultSet rows =
            statement.executeQuery(
                "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND datname = '"
                    + database
                    + "' AND query ~ '"
                    + pattern
                    + "'")) {
          if (rows.next()) {
            return;
          }
        }
        if (System.nanoTime() > limit) {
          throw new IllegalStateException("no statement like " + pattern);
        }
        Thread.sleep(20);
      }
    }
  }

  private void execute(String database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database, "portal", "");
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      kill();
    }
    Programs.delete(directory);
  }
}
