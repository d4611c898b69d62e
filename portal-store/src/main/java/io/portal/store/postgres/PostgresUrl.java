package io.portal.store.postgres;

import io.portal.core.InvalidException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/**
 * Where a database is, as {@code postgres://user:password@host:port/database?sslmode=...}. Its text
 * has no password in it.
 *
 * @param jdbc the JDBC URL without credentials
 * @param properties user, password and what else the driver is told
 */
record PostgresUrl(String jdbc, Properties properties) {

  private static final String ALLOWED = "postgres://user:password@host:port/database";

  /**
   * Parses a connection string.
   *
   * @throws InvalidException if it is none; the message does not hold it
   */
  static PostgresUrl parse(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw InvalidException.field("db-connection", "postgres:...", ALLOWED);
    }
    if (uri.getHost() == null) {
      throw InvalidException.field("db-connection", "postgres:...", ALLOWED);
    }
    Properties properties = new Properties();
    String user = uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo();
    int colon = user.indexOf(':');
    set(properties, "user", colon < 0 ? user : user.substring(0, colon));
    set(properties, "password", colon < 0 ? "" : user.substring(colon + 1));
    String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    for (String pair : query.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        set(properties, pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    // A server that hangs must not hang portal: seconds.
    properties.putIfAbsent("connectTimeout", "5");
    properties.putIfAbsent("loginTimeout", "5");
    properties.putIfAbsent("socketTimeout", "10");
    properties.putIfAbsent("tcpKeepAlive", "true");
    properties.putIfAbsent("ApplicationName", "portal");
    properties.putIfAbsent("reWriteBatchedInserts", "true");
    // Rows and statements hold private keys: no exception may quote them, nobody may ask for it.
    properties.setProperty("logServerErrorDetail", "false");
    String path = uri.getRawPath() == null || uri.getRawPath().length() < 2 ? "" : uri.getRawPath();
    String database =
        path.isEmpty() ? properties.getProperty("user", "postgres") : path.substring(1);
    int port = uri.getPort() < 0 ? 5432 : uri.getPort();
    return new PostgresUrl(
        "jdbc:postgresql://" + uri.getHost() + ":" + port + "/" + database, properties);
  }

  private static void set(Properties properties, String name, String encoded) {
    if (!encoded.isEmpty()) {
      properties.setProperty(
          name, URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8));
    }
  }

  @Override
  public String toString() {
    return jdbc;
  }
}
