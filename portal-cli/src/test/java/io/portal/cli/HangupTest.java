package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** SIGHUP, sent to this very process. */
class HangupTest {

  private static final Signal HUP = new Signal("HUP");

  @AfterEach
  void restore() {
    Signal.handle(HUP, SignalHandler.SIG_DFL);
  }

  @Test
  void everySignalReloadsAndTheProcessLivesOn() throws Exception {
    Semaphore reloads = new Semaphore(0);
    Hangup.handle(reloads::release);
    for (int i = 0; i < 2; i++) {
      Signal.raise(HUP);
      assertThat(reloads.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    }
  }
}
