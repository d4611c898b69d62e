package io.portal.cli;

import java.io.IOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What the machine says of itself, mostly under {@code /proc}. Looks only; loads and changes
 * nothing.
 *
 * @param root {@code /}, or a directory that stands for it in tests
 * @param system the operating system's name, as {@code os.name} has it
 * @param release the kernel's release, as {@code os.version} has it
 * @param environment for the path
 */
record Host(Path root, String system, String release, Map<String, String> environment) {

  /** {@code CAP_NET_ADMIN} in {@code linux/capability.h}. */
  private static final int CAP_NET_ADMIN = 12;

  static Host local(Map<String, String> environment) {
    return new Host(
        Path.of("/"), System.getProperty("os.name"), System.getProperty("os.version"), environment);
  }

  boolean linux() {
    return system.equals("Linux");
  }

  /** How the kernel offers IPVS. */
  enum Ipvs {
    LOADED,
    LOADABLE,
    ABSENT
  }

  /** Whether IPVS is in the kernel, could be loaded, or is not to be had. */
  Ipvs ipvs() {
    if (Files.exists(root.resolve("proc/net/ip_vs"))) {
      return Ipvs.LOADED;
    }
    Path modules = root.resolve("lib/modules").resolve(release);
    boolean builtIn = mentions(modules.resolve("modules.builtin"), "/ip_vs.ko");
    boolean loadable = mentions(modules.resolve("modules.dep"), "/ip_vs.ko");
    return builtIn || loadable ? Ipvs.LOADABLE : Ipvs.ABSENT;
  }

  private static boolean mentions(Path file, String text) {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      return lines.anyMatch(line -> line.contains(text));
    } catch (IOException | java.io.UncheckedIOException absent) {
      return false;
    }
  }

  /** Whether this process may administer the network. */
  boolean netAdmin() {
    return text("proc/self/status")
        .flatMap(
            status ->
                status
                    .lines()
                    .filter(line -> line.startsWith("CapEff:"))
                    .map(line -> line.substring("CapEff:".length()).strip())
                    .findFirst())
        .map(mask -> (Long.parseUnsignedLong(mask, 16) >> CAP_NET_ADMIN & 1) == 1)
        .orElse(false);
  }

  /**
   * Whether this is the initial user namespace. IPVS wants its capability there, so root in a
   * rootless container does not do.
   */
  boolean initialUserNamespace() {
    return text("proc/self/uid_map")
        .map(map -> map.strip().replaceAll("\\s+", " ").equals("0 0 4294967295"))
        .orElse(true);
  }

  /** A setting under {@code /proc/sys}; empty where the kernel does not have it. */
  Optional<String> sysctl(String name) {
    return text("proc/sys/" + name.replace('.', '/')).map(String::strip);
  }

  boolean loopbackUp() {
    try {
      NetworkInterface loopback = NetworkInterface.getByName("lo");
      return loopback != null && loopback.isUp();
    } catch (SocketException e) {
      return false;
    }
  }

  /** The program of that name in the path, or where the administrator's ones are kept. */
  Optional<Path> program(String name) {
    String path = environment.getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin";
    return Stream.of(path.split(":"))
        .filter(directory -> !directory.isEmpty())
        .map(
            directory ->
                root.resolve(directory.startsWith("/") ? directory.substring(1) : directory))
        .map(directory -> directory.resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** What a program prints, both streams; empty if it cannot be run or takes over five seconds. */
  static Optional<String> run(Path program, String... arguments) {
    try {
      Process process =
          new ProcessBuilder(
                  Stream.concat(Stream.of(program.toString()), Stream.of(arguments)).toList())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor(5, TimeUnit.SECONDS)) {
        return Optional.of(text);
      }
      process.destroyForcibly();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  private Optional<String> text(String file) {
    try {
      return Optional.of(Files.readString(root.resolve(file)));
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  /** Why IPVS cannot be used by this process; empty if it can. */
  Optional<String> whyNoIpvs() {
    if (!linux()) {
      return Optional.of("IPVS is part of Linux, and this is " + system);
    }
    if (ipvs() == Ipvs.ABSENT) {
      return Optional.of("this kernel (" + release + ") has no IPVS");
    }
    if (!netAdmin()) {
      return Optional.of("IPVS needs root (CAP_NET_ADMIN)");
    }
    if (!initialUserNamespace()) {
      return Optional.of("IPVS needs root of the host, and this is a user namespace");
    }
    return Optional.empty();
  }
}
