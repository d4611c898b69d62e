package io.portal.api.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Decides whether a request carries the API's token. Thread-safe. */
public final class Token {

  /** The header, and the query's parameter, that carries it. */
  public static final String NAME = "X-AUTH-TOKEN";

  /** What a request's token is worth. */
  enum Verdict {
    REFUSED,
    GRANTED,
    /** Granted for the query's sake, which others log and keep. */
    BY_QUERY,
    /** Granted, but the client believes in a token, and there is none. */
    NOT_ASKED_FOR
  }

  private static final String BEARER = "Bearer ";

  private final byte[] expected;

  /** The token to be expected; an empty one lets everybody pass. */
  public Token(String expected) {
    this.expected = expected.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Looks for the token in a request. Where there is an {@code X-AUTH-TOKEN} header it decides;
   * else {@code Authorization: Bearer} (RFC 6750 2.1) or the query's parameter may carry it.
   *
   * @param query the query's parameter; null for none
   */
  Verdict judge(HttpHeaders headers, @Nullable String query) {
    String header = headers.get(NAME);
    if (expected.length == 0) {
      return empty(header) && empty(bearer(headers)) && empty(query)
          ? Verdict.GRANTED
          : Verdict.NOT_ASKED_FOR;
    }
    if (header != null) {
      return same(header) ? Verdict.GRANTED : Verdict.REFUSED;
    }
    // A bearer token may be meant for a proxy before the API: it does not keep the query from it.
    String bearer = bearer(headers);
    if (bearer != null && same(bearer)) {
      return Verdict.GRANTED;
    }
    return same(query) ? Verdict.BY_QUERY : Verdict.REFUSED;
  }

  private static boolean empty(@Nullable String given) {
    return given == null || given.isEmpty();
  }

  /** The credentials of the scheme Bearer, whose name has no case (RFC 9110 11.1). */
  private static @Nullable String bearer(HttpHeaders headers) {
    String value = headers.get(HttpHeaderNames.AUTHORIZATION);
    return value != null && value.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? value.substring(BEARER.length()).strip()
        : null;
  }

  /** Whether that is the token, in a time that does not tell how much of it is right. */
  private boolean same(@Nullable String given) {
    byte[] bytes = (given == null ? "" : given).getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(expected, bytes);
  }
}
