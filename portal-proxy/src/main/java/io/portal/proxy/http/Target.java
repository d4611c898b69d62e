package io.portal.proxy.http;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A target of routes and whether it is to be asked. Thread-safe, never blocks. */
final class Target {

  private static final Logger log = LoggerFactory.getLogger(Target.class);
  private static final long FIRST_PAUSE = Duration.ofSeconds(1).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofSeconds(30).toNanos();

  /** Where connections go; connections of equal places are pooled together. */
  record Place(String host, int port, Protocol protocol) {}

  /** What a target speaks. */
  enum Protocol {
    HTTP,
    HTTPS,
    H2C
  }

  private final URI uri;
  private final Place place;
  private volatile boolean alive = true;
  private volatile int refusals;
  private volatile long aloneUntil;

  Target(URI uri) {
    this.uri = uri;
    Protocol protocol = Protocol.valueOf(uri.getScheme().toUpperCase(java.util.Locale.ROOT));
    String host = uri.getHost();
    place =
        new Place(
            host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
            uri.getPort() > 0 ? uri.getPort() : protocol == Protocol.HTTPS ? 443 : 80,
            protocol);
  }

  URI uri() {
    return uri;
  }

  Place place() {
    return place;
  }

  String path() {
    return uri.getRawPath() == null ? "" : uri.getRawPath();
  }

  String query() {
    return uri.getRawQuery() == null ? "" : uri.getRawQuery();
  }

  /** Whether it adds nothing to a request's path and query. */
  boolean bare() {
    return (path().isEmpty() || path().equals("/")) && query().isEmpty();
  }

  /** What the active check says. */
  void alive(boolean value) {
    alive = value;
  }

  boolean alive() {
    return alive;
  }

  /** Whether requests may go here. */
  boolean healthy(long nanoTime) {
    return alive && (refusals == 0 || nanoTime - aloneUntil >= 0);
  }

  /**
   * No connection could be made: it is left alone for a while, longer each time. Those that were
   * under way when it began to be left alone count once.
   */
  synchronized void refused(long nanoTime, Throwable cause) {
    if (refusals > 0 && nanoTime - aloneUntil < 0) {
      return;
    }
    int count = Math.min(refusals + 1, 10);
    long pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE << (count - 1));
    aloneUntil = nanoTime + pause;
    refusals = count;
    log.warn(
        "target {}: left alone for {} s: {}",
        uri,
        TimeUnit.NANOSECONDS.toSeconds(pause),
        cause.toString());
  }

  /** A connection was made. */
  void reached() {
    if (refusals != 0) {
      refusals = 0;
    }
  }
}
