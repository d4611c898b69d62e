package io.portal.core.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The small library that {@link UserModeLinux} preloads on processors with AMX, where Linux 6.1 as
 * a process would panic at its first user process; {@code xstate.c} says why.
 */
final class XstateShim {

  static final Path COMPILER = Path.of("/usr/bin/gcc");

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private XstateShim() {}

  /** Whether this machine's processor has AMX. */
  static boolean needed() {
    try {
      return needed(Files.readString(CPU_INFO));
    } catch (IOException e) {
      return false;
    }
  }

  static boolean needed(String cpuInfo) {
    return cpuInfo
        .lines()
        .filter(line -> line.startsWith("flags"))
        .anyMatch(line -> (line + " ").contains(" amx_tile "));
  }

  /**
   * Compiles it.
   *
   * @param directory where to
   * @return the library
   * @throws IOException with what the compiler printed, if it fails
   */
  static Path build(Path directory) throws IOException, InterruptedException {
    Path source = directory.resolve("xstate.c");
    Path library = directory.resolve("xstate.so");
    try (InputStream resource = XstateShim.class.getResourceAsStream("xstate.c")) {
      Files.copy(resource, source, StandardCopyOption.REPLACE_EXISTING);
    }
    Process compiler =
        new ProcessBuilder(
                COMPILER.toString(),
                "-O2",
                "-Wall",
                "-Werror",
                "-shared",
                "-fPIC",
                "-o",
                library.toString(),
                source.toString(),
                "-ldl")
            .redirectErrorStream(true)
            .start();
    String output =
        new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (compiler.waitFor() != 0) {
      throw new IOException("gcc could not compile " + source + ": " + output);
    }
    return library;
  }
}
