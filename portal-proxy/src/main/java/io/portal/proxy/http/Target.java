package io.portal.proxy.http;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A target of routes and whether it is to be asked. Thread-safe, never blocks. */
final class Target {

  private static final Logger log = LoggerFactory.getLogger(Target.class);
  private static final long FIRST_PAUSE = Duration.ofSeconds(1).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofSeconds(30).toNanos();

  /** Requests in a row without a response until it is left alone: one may just be a slow one. */
  private static final int MOST_TIMEOUTS = 3;

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
  private volatile int timeouts;
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

  /** What the active check says; a passed one ends that it is left alone. */
  void alive(boolean value) {
    alive = value;
    if (value) {
      reached();
    }
  }

  boolean alive() {
    return alive;
  }

  /** Whether requests may go here. */
  boolean healthy(long nanoTime) {
    return alive && (refusals == 0 || nanoTime - aloneUntil >= 0);
  }

  /**
   * No connection could be made, or it ended without a response: it is left alone for a while,
   * longer each time. Those that were under way when it began to be left alone count once.
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

  /** No response came in time: after some in a row it is {@link #refused left alone}. */
  void timedOut(long nanoTime) {
    int count;
    synchronized (this) {
      count = timeouts + 1;
      timeouts = count < MOST_TIMEOUTS ? count : 0;
    }
    if (count >= MOST_TIMEOUTS) {
      refused(nanoTime, new TimeoutException("no response in time, " + count + " times in a row"));
    }
  }

  /** It responded. */
  void reached() {
    if (refusals != 0) {
      refusals = 0;
    }
    if (timeouts != 0) {
      timeouts = 0;
    }
  }
}
