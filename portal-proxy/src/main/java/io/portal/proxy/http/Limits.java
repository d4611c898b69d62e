package io.portal.proxy.http;

import java.time.Duration;

/**
 * What one client may take. Immutable.
 *
 * @param head bytes of a request's line and headers together
 * @param uri bytes of a request's target
 * @param headerRead how long a request's head may take to arrive
 * @param idle how long a connection, or a stream of HTTP/2, may stand still; bytes that belong to
 *     no request do not count
 * @param connect how long connecting to a target may take
 * @param answer how long a target may take from the end of a request to the head of its answer
 * @param streams at once on one HTTP/2 connection
 */
public record Limits(
    int head,
    int uri,
    Duration headerRead,
    Duration idle,
    Duration connect,
    Duration answer,
    int streams) {

  /** The defaults of the routing rules. */
  public static final Limits DEFAULT =
      new Limits(
          32 * 1024,
          8 * 1024,
          Duration.ofSeconds(5),
          Duration.ofSeconds(120),
          Duration.ofSeconds(3),
          Duration.ofSeconds(60),
          100);

  /**
   * The same with other times.
   *
   * @param idle how long a connection or stream may stand still
   * @param answer how long a target may take for the head of its response
   */
  public Limits withTimes(Duration idle, Duration answer) {
    return new Limits(head, uri, headerRead, idle, connect, answer, streams);
  }
}
