package io.portal.store.servers;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** Finds and runs the programs that tests need. */
public final class Programs {

  private Programs() {}

  /**
   * A program's path. Where it is absent the test fails in a full run, and is left out elsewhere.
   */
  public static Path find(String name) {
    List<Path> directories = new ArrayList<>();
    for (String directory : System.getenv("PATH").split(":")) {
      directories.add(Path.of(directory));
    }
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      versions.map(version -> version.resolve("bin")).forEach(directories::add);
    } catch (IOException absent) {
      // Then it is in the path or not at all.
    }
    for (Path directory : directories) {
      if (Files.isExecutable(directory.resolve(name))) {
        return directory.resolve(name);
      }
    }
    String reason = name + " is not installed";
    if ("1".equals(System.getenv("PORTAL_VERIFY"))) {
      fail(reason);
    }
    throw new TestAbortedException(reason);
  }

  /** A port of loopback that was free just now. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Runs a program to its end. */
  static void run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException(command + ": " + output);
    }
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
