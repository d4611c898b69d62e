package io.portal.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.Portal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPortalTest {

  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @TempDir private Path directory;

  private static ServerSocket listen() throws Exception {
    return new ServerSocket(0, 10, LOOPBACK);
  }

  private static Thread answer(ServerSocket socket, int name) {
    Thread thread =
        new Thread(
            () -> {
              while (!socket.isClosed()) {
                try (Socket connection = socket.accept()) {
                  connection.getOutputStream().write(name);
                } catch (java.io.IOException closed) {
                  return;
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Test
  void connectionsAreSpreadOverTheServers() throws Exception {
    int port;
    try (ServerSocket free = listen()) {
      port = free.getLocalPort();
    }
    try (ServerSocket first = listen();
        ServerSocket second = listen()) {
      answer(first, 1);
      answer(second, 2);
      List<Integer> answers = new ArrayList<>();
      try (Portal portal =
          EmbeddedPortal.start(
              directory, port, List.of(first.getLocalPort(), second.getLocalPort()))) {
        for (int i = 0; i < 4; i++) {
          try (Socket socket = new Socket(LOOPBACK, port)) {
            answers.add(socket.getInputStream().read());
          }
        }
        assertThat(portal.health().ready()).isTrue();
      }
      assertThat(answers).containsExactlyInAnyOrder(1, 2, 1, 2);
    }
  }
}
