package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyTable;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A thousand clients that do as little as they can (slowhttptest), and one that is in a hurry. */
class SlowClientsIT {

  private static final String OK =
      "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + "x".repeat(2000);

  @ParameterizedTest(name = "slow {0}")
  @CsvSource({"headers,-H", "body,-B", "read,-X"})
  void leaveTheOthersServed(String name, String mode) throws Exception {
    Program slowhttptest = Program.of("slowhttptest");
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (ScriptedTarget target = new ScriptedTarget((head, i) -> OK);
        HttpProxy proxy = HttpProxy.builder().http(any).threads(1).start()) {
      Route route =
          new Route(new RouteId("", "", ""), List.of(target.uri()), "", "", HealthCheck.NONE);
      proxy.apply(new ProxyTable(List.of(route), List.of(), ErrorPages.DEFAULT));
      int port = proxy.httpAddress().getPort();
      FutureTask<Program.Output> slow =
          new FutureTask<>(
              () ->
                  slowhttptest.run(
                      mode,
                      "-c",
                      "1000",
                      "-r",
                      "500",
                      "-i",
                      "2",
                      "-l",
                      "12",
                      "-u",
                      "http://127.0.0.1:" + port + "/"));
      new Thread(slow, name).start();
      List<Long> micros = new ArrayList<>();
      long connections = 0;
      while (!slow.isDone()) {
        long start = System.nanoTime();
        assertThat(ask(port)).startsWith("HTTP/1.1 200");
        micros.add((System.nanoTime() - start) / 1000);
        connections = Math.max(connections, proxy.stats().connections());
      }
      slow.get();
      Collections.sort(micros);
      System.out.printf(
          "slow %s: %d requests beside up to %d connections, p99 %d us%n",
          name, micros.size(), connections, micros.get(micros.size() * 99 / 100));
      assertThat(connections).isGreaterThan(500);
      assertThat(micros).hasSizeGreaterThan(1000);
    }
  }

  private static String ask(int port) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
