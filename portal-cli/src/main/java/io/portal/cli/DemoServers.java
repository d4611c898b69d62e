package io.portal.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The demo's servers: each answers every HTTP request with its own name, and counts. */
final class DemoServers implements AutoCloseable {

  private final List<ServerSocket> sockets = new ArrayList<>();
  private final List<AtomicInteger> counts = new ArrayList<>();

  private DemoServers() {}

  static DemoServers start(List<String> places) throws IOException {
    DemoServers servers = new DemoServers();
    try {
      for (String place : places) {
        servers.add(place);
      }
      return servers;
    } catch (IOException e) {
      servers.close();
      throw e;
    }
  }

  private void add(String place) throws IOException {
    int colon = place.lastIndexOf(':');
    ServerSocket socket =
        new ServerSocket(
            Integer.parseInt(place.substring(colon + 1)),
            128,
            InetAddress.getByName(place.substring(0, colon)));
    AtomicInteger count = new AtomicInteger();
    sockets.add(socket);
    counts.add(count);
    Thread thread = new Thread(() -> serve(socket, place, count), "server " + place);
    thread.setDaemon(true);
    thread.start();
  }

  private static void serve(ServerSocket socket, String name, AtomicInteger count) {
    byte[] answer =
        ("HTTP/1.1 200 OK\r\nContent-Length: "
                + (name.length() + 1)
                + "\r\nConnection: close\r\n\r\n"
                + name
                + "\n")
            .getBytes(StandardCharsets.US_ASCII);
    while (!socket.isClosed()) {
      try (Socket connection = socket.accept()) {
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
        String line = in.readLine();
        boolean request = line != null && !line.isEmpty();
        while (line != null && !line.isEmpty()) {
          line = in.readLine();
        }
        if (request) {
          count.incrementAndGet();
          connection.getOutputStream().write(answer);
        }
      } catch (IOException e) {
        // This client is gone, or all are: the loop's condition tells.
      }
    }
  }

  void reset() {
    counts.forEach(count -> count.set(0));
  }

  int answered(int index) {
    return counts.get(index).get();
  }

  @Override
  public void close() {
    for (ServerSocket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        // The process ends anyway.
      }
    }
  }
}
