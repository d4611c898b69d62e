package io.portal.cli;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start another portal: as this one was started. */
final class Launcher {

  /** Set by {@code bin/portal}. */
  private static final String SCRIPT = "portal.launcher";

  private Launcher() {}

  /** A command line that runs portal with those words. */
  static List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    String script = System.getProperty(SCRIPT);
    if (script != null) {
      command.add(script);
    } else {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("-cp");
      command.add(System.getProperty("java.class.path", "." + File.pathSeparator));
      command.add(Main.class.getName());
    }
    command.addAll(List.of(words));
    return command;
  }
}
