package io.portal.cli;

import sun.misc.Signal;

/** SIGHUP, with which daemons are told to read their configuration again. */
final class Hangup {

  private static final Signal HUP = new Signal("HUP");

  private Hangup() {}

  /**
   * Runs that whenever the signal comes, in place of the JVM's own answer, which is to stop. Runs
   * on a thread of its own.
   */
  static void handle(Runnable reload) {
    Signal.handle(HUP, signal -> reload.run());
  }
}
