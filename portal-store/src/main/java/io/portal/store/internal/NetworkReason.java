package io.portal.store.internal;

import java.io.EOFException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * Why a connection failed, in the operating system's words. Drivers wrap these words into messages
 * that may quote what was sent, so nothing of the drivers' own messages is passed on.
 */
public final class NetworkReason {

  private static final int MAX_DEPTH = 20;

  private NetworkReason() {}

  /** The reason of the innermost network error in a chain of causes; empty if there is none. */
  public static Optional<String> of(Throwable error) {
    Optional<String> reason = Optional.empty();
    Throwable cause = error;
    for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
      if (cause instanceof UnknownHostException) {
        reason = Optional.of("unknown host " + cause.getMessage());
      } else if (cause instanceof SocketTimeoutException) {
        reason = Optional.of("no response in time");
      } else if (cause instanceof EOFException) {
        reason = Optional.of("the connection was closed");
      } else if (cause instanceof SocketException || cause instanceof SSLException) {
        reason = Optional.of(String.valueOf(cause.getMessage()));
      }
      cause = cause.getCause();
    }
    return reason;
  }
}
