package io.portal.proxy.l4;

import com.google.common.collect.ImmutableMap;
import io.netty.channel.unix.Errors.NativeIoException;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a socket could not be bound, with the errno's name in front ({@code asm-generic/errno.h}).
 */
final class BindError {

  private static final Map<Integer, String> NAMES =
      ImmutableMap.<Integer, String>builder()
          .put(1, "EPERM")
          .put(13, "EACCES")
          .put(22, "EINVAL")
          .put(23, "ENFILE")
          .put(24, "EMFILE")
          .put(97, "EAFNOSUPPORT")
          .put(98, "EADDRINUSE")
          .put(99, "EADDRNOTAVAIL")
          .put(105, "ENOBUFS")
          .buildOrThrow();

  /** What the JDK says instead of a number, as in strerror(3). */
  private static final Map<String, String> TEXTS =
      ImmutableMap.of(
          "address already in use", "EADDRINUSE",
          "cannot assign requested address", "EADDRNOTAVAIL",
          "permission denied", "EACCES",
          "too many open files", "EMFILE");

  private BindError() {}

  /** The errno's name where it is known, then what the system said. */
  static String text(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    String name = name(cause, message);
    return name == null ? message : name + ": " + message;
  }

  private static @Nullable String name(Throwable cause, String message) {
    if (cause instanceof NativeIoException nativeError) {
      String name = NAMES.get(-nativeError.expectedErr());
      if (name != null) {
        return name;
      }
    }
    String lower = message.toLowerCase(Locale.ROOT);
    return TEXTS.entrySet().stream()
        .filter(entry -> lower.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }
}
