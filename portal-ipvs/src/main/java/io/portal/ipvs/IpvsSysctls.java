package io.portal.ipvs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of IPVS in a network namespace ({@code net.ipv4.vs.*}, {@code
 * Documentation/networking/ipvs-sysctl.rst} in the kernel's sources) that portal's promises stand
 * on. Thread-safe.
 */
public final class IpvsSysctls implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(IpvsSysctls.class);

  private static final Path DIRECTORY = Path.of("/proc/sys/net/ipv4/vs");

  /**
   * Weight 0 means no new connections, for clients that stick to a server too: without it they keep
   * arriving at a server that drains for as long as they come back in time.
   */
  private static final Map<String, String> WANTED = Map.of("expire_quiescent_template", "1");

  private final Path directory;
  private final Map<String, String> before = new TreeMap<>();
  private final boolean putBack;

  private IpvsSysctls(Path directory, boolean putBack) {
    this.directory = directory;
    this.putBack = putBack;
  }

  /**
   * Sets them in the network namespace of the calling thread. What cannot be set is logged, with
   * what it means, and left as it is.
   *
   * @param putBack whether closing puts back what was there before
   */
  public static IpvsSysctls set(boolean putBack) {
    return set(DIRECTORY, putBack);
  }

  static IpvsSysctls set(Path directory, boolean putBack) {
    IpvsSysctls sysctls = new IpvsSysctls(directory, putBack);
    WANTED.forEach(sysctls::change);
    return sysctls;
  }

  private synchronized void change(String name, String value) {
    Path file = directory.resolve(name);
    try {
      String present = Files.readString(file).strip();
      if (!present.equals(value)) {
        Files.writeString(file, value);
        before.put(name, present);
        log.info("net.ipv4.vs.{} was {} and is {} now (ipvs-sysctls)", name, present, value);
      }
    } catch (IOException e) {
      log.warn(
          "net.ipv4.vs.{} cannot be set to {} ({}): clients of a persistent service keep arriving"
              + " at servers of weight 0",
          name,
          value,
          e.toString());
    }
  }

  /** Puts back what was there before, if that was asked for. */
  @Override
  public synchronized void close() {
    if (putBack) {
      before.forEach(
          (name, value) -> {
            try {
              Files.writeString(directory.resolve(name), value);
            } catch (IOException e) {
              log.warn("net.ipv4.vs.{} cannot be put back to {}: {}", name, value, e.toString());
            }
          });
    }
    before.clear();
  }
}
