package io.portal.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells on standard error that something is under way: a moving bar where a person watches, else
 * one line at the start and one at the end. Portal applies a list as a whole, so there is no share
 * of it to show; what counts is that it lives, and how long it has taken.
 */
final class Progress implements AutoCloseable {

  private static final Duration TICK = Duration.ofMillis(100);
  private static final int WIDTH = 24;

  private final Terminal terminal;
  private final String subject;
  private final long start = System.nanoTime();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread painter;
  private boolean success;

  Progress(Terminal terminal, String subject) {
    this.terminal = terminal;
    this.subject = subject;
    this.painter = new Thread(this::paint, "progress");
    painter.setDaemon(true);
    if (terminal.interactive()) {
      painter.start();
    } else {
      terminal.err().println("applying " + subject);
    }
  }

  /** It went well; the closing line says so. */
  void done() {
    success = true;
  }

  private void paint() {
    try {
      int at = 0;
      while (!ended.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
        int position = at % (2 * WIDTH);
        int column = position < WIDTH ? position : 2 * WIDTH - position;
        String bar = " ".repeat(column) + "===" + " ".repeat(WIDTH - column);
        terminal.err().print("\r[" + bar + "] applying " + subject + ", " + seconds());
        terminal.err().flush();
        at++;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String seconds() {
    return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - start) / 1e9);
  }

  @Override
  public void close() {
    ended.countDown();
    if (terminal.interactive()) {
      try {
        painter.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      terminal.err().print("\r\033[K");
    }
    if (success) {
      terminal.err().println("applied " + subject + " in " + seconds());
    }
  }
}
