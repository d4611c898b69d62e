package io.portal.store.file;

import io.portal.core.port.StoreException;
import io.portal.core.port.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** Errors that name the operation, the path and the reason. */
final class Reasons {

  private Reasons() {}

  static StoreException failed(String operation, Path path, IOException e) {
    return new StoreException(message(operation, path, e), e);
  }

  /** For what may go well once somebody has made room, or has put right what is in the way. */
  static StoreUnavailableException unavailable(String operation, Path path, IOException e) {
    return new StoreUnavailableException(message(operation, path, e), e);
  }

  private static String message(String operation, Path path, IOException e) {
    Path subject =
        e instanceof FileSystemException f && f.getFile() != null ? Path.of(f.getFile()) : path;
    return operation + " " + subject + ": " + reason(e);
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}
