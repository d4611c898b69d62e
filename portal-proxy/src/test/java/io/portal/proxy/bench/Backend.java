package io.portal.proxy.bench;

import java.nio.file.Files;
import java.nio.file.Path;

/** The server behind all the proxies: an nginx with one worker. */
final class Backend {

  static final String TINY = "/tiny";
  static final String KIB_100 = "/100k";
  static final String MIB = "/1m";

  private Backend() {}

  /** Starts it; both ports of what comes back are where it listens. */
  static Contender start(Path directory) throws Exception {
    Path own = Files.createDirectory(directory.resolve("backend"));
    Files.write(own.resolve("100k"), new byte[100 * 1024]);
    Files.write(own.resolve("1m"), new byte[1024 * 1024]);
    int port = Contender.freePort();
    return Contender.start(
        new Setup(Software.NGINX, 1, 1),
        port,
        port,
        NginxConfigs.backend(own, port),
        own.resolve("output"));
  }
}
