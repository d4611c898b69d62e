package io.portal.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Requests through a service, each on a connection of its own, as a balancer of connections wants.
 */
final class DemoTraffic {

  private static final int LIMIT_MILLIS = 5_000;

  private DemoTraffic() {}

  /**
   * How it went.
   *
   * @param failed requests without a whole, good answer
   * @param seconds for all of them
   */
  record Result(int failed, double seconds) {}

  /** Sends requests one after the other; blocks. */
  static Result send(String place, int requests) {
    int colon = place.lastIndexOf(':');
    InetSocketAddress address =
        new InetSocketAddress(
            place.substring(0, colon), Integer.parseInt(place.substring(colon + 1)));
    byte[] request =
        ("GET / HTTP/1.1\r\nHost: " + place + "\r\nConnection: close\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    int failed = 0;
    long start = System.nanoTime();
    for (int i = 0; i < requests; i++) {
      try (Socket socket = new Socket()) {
        socket.connect(address, LIMIT_MILLIS);
        socket.setSoTimeout(LIMIT_MILLIS);
        socket.getOutputStream().write(request);
        String answer =
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        failed += answer.startsWith("HTTP/1.1 200 ") ? 0 : 1;
      } catch (IOException e) {
        failed++;
      }
    }
    return new Result(failed, (System.nanoTime() - start) / 1e9);
  }
}
