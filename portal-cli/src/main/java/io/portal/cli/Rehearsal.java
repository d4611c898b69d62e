package io.portal.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Has a daemon and a client run for a moment, each writing down which classes it used: the class
 * data sharing archives that make the next start fast. Called by {@code bin/portal}.
 */
public final class Rehearsal {

  /** Tells {@code bin/portal} to write an archive, and where. */
  private static final String DIRECTORY = "PORTAL_REHEARSAL";

  private Rehearsal() {}

  /**
   * Rehearses; takes some seconds.
   *
   * @param words the launcher and the directory for the archives
   */
  public static void main(String[] words) throws IOException, InterruptedException {
    System.setProperty("portal.launcher", words[0]);
    Map<String, String> rehearsal = Map.of(DIRECTORY, Path.of(words[1]).toString());
    try (DemoDaemon daemon = DemoDaemon.start("userspace", DemoPlaces.free(1), rehearsal)) {
      daemon.awaitReady();
      Map<String, String> environment = new HashMap<>(daemon.client());
      environment.putAll(rehearsal);
      // A request with a body and an answer in columns use about all that a client has.
      ProcessBuilder client =
          new ProcessBuilder(
              Launcher.command(
                  "add-service", "-j", "{\"host\":\"127.0.0.1\",\"port\":9}", "--output", "table"));
      client.environment().putAll(environment);
      client.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
      client.start().waitFor(30, TimeUnit.SECONDS);
      daemon.stop();
    }
    System.exit(0);
  }
}
