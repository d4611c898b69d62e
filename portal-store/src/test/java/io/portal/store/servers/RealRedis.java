package io.portal.store.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A Redis server of the test's own, on a free loopback port, with everything on disk. */
public final class RealRedis implements AutoCloseable {

  /** The password. */
  public static final String TOKEN = "cluster-secret";

  private final Path directory;
  private final int port;
  private final List<String> command;
  private Process process;

  private RealRedis(Path directory, int port, List<String> command) {
    this.directory = directory;
    this.port = port;
    this.command = command;
  }

  /** Starts a new, empty server. */
  public static RealRedis start() throws Exception {
    String program = Programs.find("redis-server").toString();
    Path directory = Files.createTempDirectory("portal-redis");
    int port = Programs.freePort();
    RealRedis server =
        new RealRedis(
            directory,
            port,
            List.of(
                program,
                "--port",
                "" + port,
                "--bind",
                "127.0.0.1",
                "--dir",
                directory.toString(),
                "--requirepass",
                TOKEN,
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "always"));
    server.restart();
    return server;
  }

  /** Where it is. */
  public String url() {
    return "redis://127.0.0.1:" + port;
  }

  /** Its port on loopback. */
  public int port() {
    return port;
  }

  /** Starts it again after {@link #kill}. */
  public void restart() throws Exception {
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    long limit = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      try {
        if (ask("PING").contains("PONG")) {
          return;
        }
      } catch (IOException e) {
        if (!process.isAlive()) {
          throw e;
        }
      }
      if (System.nanoTime() > limit) {
        throw new IOException("redis does not answer");
      }
      Thread.sleep(20);
    }
  }

  /** Stops it at once, as a crash does. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Removes what it has on disk, while it is stopped. */
  public void loseData() throws IOException {
    Programs.delete(directory);
    Files.createDirectory(directory);
  }

  /** Asks a command without arguments of more than one word. */
  public String ask(String line) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(5000);
      socket
          .getOutputStream()
          .write(
              ("AUTH " + TOKEN + "\r\n" + line + "\r\nQUIT\r\n").getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    kill();
    Programs.delete(directory);
  }
}
