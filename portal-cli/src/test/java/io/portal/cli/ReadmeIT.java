package io.portal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** README's ten lines, pasted into a shell: they print what README says, and leave nothing. */
class ReadmeIT {

  private static final Path LAUNCHER = Path.of("target/portal/bin/portal").toAbsolutePath();

  @TempDir private Path directory;

  /** The indented block that follows that line. */
  private static String block(String readme, String after) {
    int from = readme.indexOf("\n" + after + "\n");
    assertThat(from).as(after).isNotNegative();
    return readme
        .substring(from + after.length() + 2)
        .lines()
        .dropWhile(line -> !line.startsWith("    "))
        .takeWhile(line -> line.startsWith("    "))
        .map(line -> line.substring(4) + "\n")
        .collect(Collectors.joining());
  }

  /** With ports that are free here in place of those that README names. */
  private static String here(String block, Map<String, String> ports) {
    String text = block;
    for (Map.Entry<String, String> port : ports.entrySet()) {
      text = text.replace(port.getKey(), port.getValue());
    }
    return text;
  }

  private static String freePort(String host) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
      return Integer.toString(socket.getLocalPort());
    }
  }

  @Test
  void theTenLinesDoWhatTheySay() throws Exception {
    String readme = Files.readString(Path.of("../README.md"));
    Map<String, String> ports =
        Map.of("8080", freePort("127.0.0.3"), "8081", freePort("127.0.0.2"));
    String lines = here(block(readme, "## Ten lines"), ports);
    String expected = here(block(readme, "It prints:"), ports);
    Files.createSymbolicLink(directory.resolve("portal"), LAUNCHER);
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder("sh")
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("PORTAL_"));
    builder.environment().put("PORTAL_API_PORT", freePort("127.0.0.1"));
    builder.environment().put("TMPDIR", directory.toString());

    Process shell = builder.start();
    try {
      try (var in = shell.getOutputStream()) {
        in.write(lines.getBytes(StandardCharsets.UTF_8));
      }
      assertThat(shell.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      shell.descendants().forEach(ProcessHandle::destroyForcibly);
      shell.destroyForcibly();
    }

    // Columns are as wide as the ports are long.
    assertThat(Files.readString(out).replaceAll(" +", " "))
        .matches(Pattern.quote(expected.replaceAll(" +", " ")).replace("...", "\\E.*\\Q"));
    assertThat(err).isEmptyFile();
    Files.delete(directory.resolve("portal")); // a link that the extension would warn of
    // The work directory was made here, and is gone.
    try (var left = Files.list(directory)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(List.of("out", "err"));
    }
  }
}
