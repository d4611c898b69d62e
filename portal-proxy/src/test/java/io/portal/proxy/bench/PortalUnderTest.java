package io.portal.proxy.bench;

import io.portal.core.model.Cert;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.port.ProxyTable;
import io.portal.proxy.http.HttpProxy;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** portal's proxy in a process of its own, with one event loop. */
public final class PortalUnderTest {

  /** The daemon's, from its launcher. */
  private static final List<String> FLAGS =
      List.of(
          "-XX:MaxRAMPercentage=50",
          "-Xms8m",
          "-XX:MinHeapFreeRatio=20",
          "-XX:MaxHeapFreeRatio=40",
          "-Dio.netty.leakDetection.level=disabled",
          "-XX:+UseSerialGC");

  private PortalUnderTest() {}

  /** Flags that are to be tried: the system property {@code portal.bench.flags}. */
  private static List<String> more() {
    String flags = System.getProperty("portal.bench.flags", "");
    return flags.isEmpty() ? List.of() : List.of(flags.split(" ", -1));
  }

  static List<String> command(
      Setup setup, int http, int tls, int backend, Certificates certificates) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.addAll(more());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            PortalUnderTest.class.getName(),
            String.valueOf(http),
            String.valueOf(tls),
            String.valueOf(backend),
            String.valueOf(setup.routes()),
            String.valueOf(setup.certs()),
            certificates.directory().toString()));
    return command;
  }

  /** Serves until the process is ended. */
  public static void main(String[] arguments) throws Exception {
    Setup setup =
        new Setup(Software.PORTAL, Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
    HttpProxy proxy =
        HttpProxy.builder()
            .http(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])))
            .tls(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1])))
            .threads(1)
            .start();
    proxy.apply(
        new ProxyTable(
            routes(setup, URI.create("http://127.0.0.1:" + arguments[2])),
            certs(setup, new Certificates(Path.of(arguments[5]))),
            ErrorPages.DEFAULT));
    Thread.currentThread().join();
  }

  private static List<Route> routes(Setup setup, URI target) {
    List<Route> routes = new ArrayList<>();
    for (int host = 0; host < setup.hosts(); host++) {
      // With one route it serves the hosts of all certs.
      String domain = setup.routes() == 1 ? "example" : Setup.host(host);
      for (int path = 0; path < setup.paths(); path++) {
        routes.add(
            new Route(
                new RouteId("", domain, Setup.path(path)),
                List.of(target),
                "",
                "",
                HealthCheck.NONE));
      }
    }
    return routes;
  }

  static List<Cert> certs(Setup setup, Certificates certificates) throws Exception {
    String key = Files.readString(certificates.key());
    List<Cert> certs = new ArrayList<>();
    for (int number = 0; number < setup.certs(); number++) {
      certs.add(new Cert(Files.readString(certificates.chain(number)), key));
    }
    return certs;
  }
}
