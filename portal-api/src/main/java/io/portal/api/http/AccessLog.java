package io.portal.api.http;

import com.google.common.net.InetAddresses;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log who changed something, and who was not let in. Queries, bodies and headers, which
 * may hold tokens and keys, are never written. Thread-safe.
 */
final class AccessLog {

  private static final Logger log = LoggerFactory.getLogger(AccessLog.class);

  private static final int LINES = 30;
  private static final Duration SPAN = Duration.ofMinutes(1);
  private static final int LONGEST_PATH = 300;

  private final LogLimit refused;
  private final LogLimit byQuery;
  private final AtomicBoolean warned = new AtomicBoolean();

  /** A log whose limits count by that clock, as {@link System#nanoTime()}. */
  AccessLog(LongSupplier nanoTime) {
    refused = new LogLimit(LINES, SPAN, nanoTime);
    // One client that does so does it each time: a line an hour reminds enough.
    byQuery = new LogLimit(1, Duration.ofHours(1), nanoTime);
  }

  /** A request whose token was looked at. */
  void judged(SocketAddress client, String method, String path, Token.Verdict verdict) {
    switch (verdict) {
      case NOT_ASKED_FOR -> {
        if (warned.compareAndSet(false, true)) {
          log.warn(
              "{} {} from {}: the client sends a token, but none is set (api-token): it is let in,"
                  + " as everybody is",
              method,
              shown(path),
              shown(client));
        }
      }
      case GRANTED -> {}
      case REFUSED -> warn(refused, client, method, path, "wrong or missing token");
      case BY_QUERY ->
          warn(
              byQuery,
              client,
              method,
              path,
              "the token is in the query, where other logs may keep it:"
                  + " send it as Authorization: Bearer");
    }
  }

  private static void warn(
      LogLimit limit, SocketAddress client, String method, String path, String what) {
    OptionalLong before = limit.admit();
    if (before.isPresent() && log.isWarnEnabled()) {
      log.warn(
          "{} {} from {}: {}{}",
          method,
          shown(path),
          shown(client),
          what,
          more(before.getAsLong()));
    }
  }

  /** A request that was answered; one that changed something is written at INFO. */
  void answered(SocketAddress client, String method, String path, int status, boolean write) {
    if (write && log.isInfoEnabled()) {
      log.info("{} {} {} from {}", method, shown(path), status, shown(client));
    } else if (log.isDebugEnabled()) {
      log.debug("{} {} {} from {}", method, shown(path), status, shown(client));
    }
  }

  /** A request that failed. */
  void failed(SocketAddress client, String method, String path, int status, Throwable error) {
    if (log.isInfoEnabled()) {
      log.info(
          "{} {} {} from {}: {}",
          method,
          shown(path),
          status,
          shown(client),
          String.valueOf(error.getMessage()).replaceAll("\\p{Cntrl}", "?"));
    }
  }

  private static String more(long held) {
    return held == 0 ? "" : " (" + held + " more were not logged)";
  }

  /** Address and port without a name, which would have to be asked for. */
  private static String shown(SocketAddress client) {
    if (client instanceof InetSocketAddress socket && socket.getAddress() != null) {
      return InetAddresses.toUriString(socket.getAddress()) + ":" + socket.getPort();
    }
    return String.valueOf(client);
  }

  /** A path as one short line: a client must not be able to write lines of its own. */
  private static String shown(String path) {
    String start = path.length() > LONGEST_PATH ? path.substring(0, LONGEST_PATH) + "..." : path;
    return start.replaceAll("[^\\x21-\\x7e]", "?");
  }
}
