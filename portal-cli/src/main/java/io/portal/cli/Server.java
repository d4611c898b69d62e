package io.portal.cli;

import io.portal.api.Daemon;
import io.portal.api.config.Config;
import io.portal.api.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;

/** {@code portal --server}: runs the daemon until a signal stops it. */
final class Server {

  private Server() {}

  /**
   * Runs; returns only if it cannot start. A stop by signal is the normal end, and the process then
   * exits with 0.
   *
   * @throws CliException if a setting is wrong, or the daemon cannot start
   */
  static Exit run(Flags flags, Terminal terminal) {
    Config config;
    Daemon daemon;
    try {
      config = Configuration.load(flags, terminal.environment());
      daemon = Daemon.start(config);
    } catch (ConfigException e) {
      throw new CliException(Exit.USAGE, Configuration.lines(String.valueOf(e.getMessage())), e);
    } catch (IOException | RuntimeException e) {
      throw new CliException(Exit.REFUSED, "cannot start: " + causes(e), e);
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  daemon.close();
                  Runtime.getRuntime().halt(Exit.OK.code());
                },
                "stop"));
    Hangup.handle(() -> daemon.reload(() -> Configuration.load(flags, terminal.environment())));
    if (terminal.environment().containsKey(DemoDaemon.STOP_WITH_INPUT)) {
      awaitEnd(terminal.in());
    } else {
      awaitSignal();
    }
    return Exit.OK;
  }

  private static void awaitEnd(InputStream in) {
    try {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException e) {
      // The other end is gone, which is what was waited for.
    }
  }

  private static void awaitSignal() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The messages of an exception and its causes, where they say anything new. */
  private static String causes(Throwable error) {
    StringBuilder text = new StringBuilder();
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
      if (text.indexOf(message) < 0) {
        text.append(text.length() == 0 ? "" : ": ").append(message);
      }
    }
    return text.toString();
  }
}
