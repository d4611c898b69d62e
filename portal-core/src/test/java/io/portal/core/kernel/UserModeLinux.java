package io.portal.core.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A Linux kernel of its own, with IPVS, that runs as a process and sees this machine's files
 * (Debian's package {@code user-mode-linux}). What it writes is written on this machine, except
 * below {@code /run}, which is its own.
 */
public final class UserModeLinux {

  private static final Path MODULES = Path.of("/usr/lib/uml/modules");
  private static final List<Path> NEEDED =
      List.of(
          Path.of("/usr/bin/linux.uml"),
          MODULES,
          Path.of("/usr/sbin/ipvsadm"),
          Path.of("/bin/busybox"),
          Path.of("/sbin/modprobe"),
          Path.of("/sbin/ip"));

  private final Path directory;

  /**
   * A kernel to be booted.
   *
   * @param directory where its console and its result are kept
   */
  public UserModeLinux(Path directory) {
    this.directory = directory.toAbsolutePath();
  }

  /** Why it cannot run on this machine; empty if it can. */
  public static Optional<String> missing() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return Optional.of("User-Mode Linux runs on Linux only");
    }
    String absent =
        NEEDED.stream()
            .filter(p -> !Files.exists(p))
            .map(Path::toString)
            .collect(Collectors.joining(", "));
    if (!absent.isEmpty()) {
      return Optional.of(
          absent
              + " missing: apt-get install user-mode-linux ipvsadm busybox-static kmod iproute2");
    }
    if (XstateShim.needed() && !Files.exists(XstateShim.COMPILER)) {
      return Optional.of(
          "this processor has AMX, and "
              + XstateShim.COMPILER
              + " is missing: apt-get install gcc libc6-dev");
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      return Optional.of("root is needed, for the files that the kernel's own root owns");
    }
    return Optional.empty();
  }

  /**
   * Boots, runs a command as root with IPVS loaded and loopback up, and halts.
   *
   * @param command the command and its arguments
   * @param limit how long all of it may take
   * @return the command's exit status
   * @throws IOException if it did not come to an end, with the last lines of the console
   */
  public int run(List<String> command, Duration limit) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Path status = directory.resolve("status");
    Path console = directory.resolve("console.txt");
    Files.deleteIfExists(status);
    // The kernel's command line takes no spaces, so the script lies where there are none.
    Path script = Files.createTempFile("portal-uml", ".sh");
    try {
      Files.writeString(script, script(command, status));
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
      Process kernel = boot(script, console);
      if (!kernel.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        stop(kernel);
        throw new IOException("not finished after " + limit + "; console:\n" + tail(console));
      }
      if (!Files.exists(status)) {
        throw new IOException(
            "the kernel halted before the command ended; console:\n" + tail(console));
      }
      return Integer.parseInt(Files.readString(status).trim());
    } finally {
      Files.deleteIfExists(script);
    }
  }

  private Process boot(Path script, Path console) throws IOException, InterruptedException {
    List<String> arguments =
        List.of(
            "/usr/bin/linux.uml",
            "rootfstype=hostfs",
            "root=/dev/root",
            "rw",
            "init=" + script,
            "mem=3G",
            "con=null",
            "con0=null,fd:1",
            "quiet");
    ProcessBuilder builder = new ProcessBuilder(arguments);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.redirectErrorStream(true).redirectOutput(console.toFile());
    if (XstateShim.needed()) {
      builder.environment().put("LD_PRELOAD", XstateShim.build(directory).toString());
    }
    return builder.start();
  }

  private static void stop(Process kernel) throws InterruptedException {
    Stream.concat(kernel.descendants(), Stream.of(kernel.toHandle()))
        .forEach(ProcessHandle::destroyForcibly);
    kernel.waitFor();
  }

  private static String script(List<String> command, Path status) {
    List<String> lines = new ArrayList<>();
    lines.add("#!/bin/sh");
    lines.add("export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/run LANG=C.UTF-8");
    System.getenv()
        .forEach(
            (name, value) -> {
              if (name.startsWith("PORTAL_") || name.equals("JAVA_HOME")) {
                lines.add("export " + name + "=" + quoted(value));
              }
            });
    lines.add("mount -t proc proc /proc");
    lines.add("mount -t sysfs sys /sys");
    lines.add("mount -t tmpfs run /run");
    lines.add("mkdir -p /run/tmp /run/netns /lib/modules");
    // Bound over, inside only: modprobe looks for the running kernel's modules there.
    lines.add("mount --bind " + MODULES + " /lib/modules");
    lines.add("modprobe ip_vs");
    lines.add("ip link set lo up");
    lines.add(
        "cd / && " + command.stream().map(UserModeLinux::quoted).collect(Collectors.joining(" ")));
    lines.add("echo $? > " + quoted(status.toString()));
    lines.add("busybox poweroff -f");
    return String.join("\n", lines) + "\n";
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private static String tail(Path console) throws IOException {
    String text = new String(Files.readAllBytes(console), StandardCharsets.UTF_8);
    return text.substring(Math.max(0, text.length() - 4000));
  }
}
