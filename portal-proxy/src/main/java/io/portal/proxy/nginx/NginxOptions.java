package io.portal.proxy.nginx;

import io.portal.core.InvalidException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where nginx and its configuration are.
 *
 * @param command nginx's name or path
 * @param workDir where {@code portal-nginx.conf} is written and {@code portal-nginx-primer.conf} is
 *     looked for
 * @param pidFile of a running nginx that reads portal's configuration and is to be adopted; empty
 *     to adopt only one that portal started before
 * @param limit how long a start, a check or a reload may take
 * @param firstPause before a dead nginx is started again, doubled each time up to a minute
 */
public record NginxOptions(
    String command, Path workDir, Optional<Path> pidFile, Duration limit, Duration firstPause) {

  /** nginx from the path, with portal's configuration in that directory. */
  public static NginxOptions in(Path workDir) {
    return new NginxOptions(
        "nginx", workDir, Optional.empty(), Duration.ofSeconds(30), Duration.ofSeconds(1));
  }

  /**
   * Checks the parts.
   *
   * @throws InvalidException if one is out of its range
   */
  public NginxOptions {
    if (command.isBlank()) {
      throw InvalidException.field("nginx command", command, "a name or path");
    }
    // The path stands in quotes in the configuration.
    if (workDir.toString().contains("\"") || workDir.toString().contains("$")) {
      throw InvalidException.field("work dir", workDir, "a path without quotes and dollar signs");
    }
    workDir = workDir.toAbsolutePath().normalize();
    checkPositive("nginx time limit", limit);
    checkPositive("nginx restart pause", firstPause);
  }

  private static void checkPositive(String field, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw InvalidException.field(field, value, "more than 0");
    }
  }

  /** These options for an nginx of that name or path. */
  public NginxOptions withCommand(String newCommand) {
    return new NginxOptions(newCommand, workDir, pidFile, limit, firstPause);
  }

  /** These options with an nginx to adopt. */
  public NginxOptions withPidFile(Path newPidFile) {
    return new NginxOptions(command, workDir, Optional.of(newPidFile), limit, firstPause);
  }

  Path config() {
    return workDir.resolve("portal-nginx.conf");
  }

  Path primer() {
    return workDir.resolve("portal-nginx-primer.conf");
  }

  Path log() {
    return workDir.resolve("portal-nginx.log");
  }

  Path ownPidFile() {
    return workDir.resolve("portal-nginx.pid");
  }
}
