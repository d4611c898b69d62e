package io.portal.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Map;

/**
 * Runs what commands run, so that the class data sharing archive holds their classes. Part of the
 * build; does nothing that stays.
 */
public final class Rehearsal {

  private Rehearsal() {}

  /** Rehearses; ends the process. */
  public static void main(String[] words) {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    Cli cli =
        new Cli(
            new Terminal(
                InputStream.nullInputStream(),
                nowhere,
                nowhere,
                Map.of("PORTAL_API_PORT", "1"),
                false));
    cli.run("--help");
    cli.run("show-services");
    System.exit(0);
  }
}
