package io.portal.store.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.portal.store.internal.NetworkReason;
import java.util.Set;

/**
 * What an error of Redis says, without anything of the command: its arguments hold private keys,
 * and both the client's and the server's messages may quote them.
 */
final class RedisReason {

  /** Errors whose message is of fixed words (Redis, {@code server.c}). */
  private static final Set<String> FIXED_WORDS =
      Set.of(
          "BUSY",
          "LOADING",
          "MASTERDOWN",
          "MISCONF",
          "NOAUTH",
          "NOREPLICAS",
          "OOM",
          "READONLY",
          "TRYAGAIN",
          "UNKILLABLE",
          "WRONGPASS",
          "WRONGTYPE");

  private RedisReason() {}

  /** The server's error by its code, or why it could not be asked. */
  static String of(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof RedisCommandTimeoutException) {
        return "no response in time";
      }
      if (cause instanceof RedisCommandExecutionException) {
        return server(String.valueOf(cause.getMessage()));
      }
      if (cause instanceof InterruptedException) {
        return "interrupted";
      }
    }
    return NetworkReason.of(error).orElse("no connection");
  }

  private static String server(String message) {
    int space = message.indexOf(' ');
    String code = space < 0 ? message : message.substring(0, space);
    if (FIXED_WORDS.contains(code)) {
      return message.lines().findFirst().orElse(code);
    }
    return "the server refused it"
        + (code.matches("[A-Z]{2,20}") ? " with " + code : "")
        + "; its own log says more";
  }
}
