package io.portal.api.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Decides whether a request carries the API's token. Thread-safe. */
public final class Token {

  /** The header, and the query's parameter, that carries it. */
  public static final String NAME = "X-AUTH-TOKEN";

  private final byte[] expected;

  /** The token to be expected; an empty one lets pass who brings none. */
  public Token(String expected) {
    this.expected = expected.getBytes(StandardCharsets.UTF_8);
  }

  /** Whether that is the token, in a time that does not tell how much of it is right. */
  boolean accepts(@Nullable String given) {
    byte[] bytes = (given == null ? "" : given).getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(expected, bytes);
  }
}
