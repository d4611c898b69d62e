package io.portal.proxy.bench;

import io.portal.proxy.bench.ConnectionLoad.Handshake;
import io.portal.proxy.bench.H2Load.Protocol;
import java.util.ArrayList;
import java.util.List;

/**
 * What is compared in the rounds of one table.
 *
 * @param name for {@code --only}
 * @param title what a reader sees
 * @param load how the proxies are used
 * @param setups the rows
 * @param bars what is asked for
 */
record Scenario(String name, String title, Load load, List<Setup> setups, List<Bar> bars) {

  /**
   * A ratio of processor time per request that is asked for.
   *
   * @param over which row
   * @param under which row it is divided by
   * @param limit the largest ratio that will do; infinite to show it only
   */
  record Bar(Setup over, Setup under, double limit) {}

  private static final Setup PORTAL = new Setup(Software.PORTAL, 1, 1);
  private static final Setup NGINX = new Setup(Software.NGINX, 1, 1);
  private static final Setup HAPROXY = new Setup(Software.HAPROXY, 1, 1);
  private static final double NONE = Double.POSITIVE_INFINITY;

  static List<Scenario> all() {
    return List.of(
        peers(
            "h1-keepalive",
            "HTTP/1.1 keep-alive, 3-byte answers, 32 connections",
            new H2Load(Protocol.HTTP_1, 32, 1, Backend.TINY),
            1.0,
            0.95),
        peers(
            "h1-new",
            "HTTP/1.1, new connection for each request, 3-byte answers",
            new ConnectionLoad(Handshake.NONE),
            NONE,
            NONE),
        peers(
            "h1-1m",
            "HTTP/1.1 keep-alive, 1 MiB answers, 8 connections",
            new H2Load(Protocol.HTTP_1, 8, 1, Backend.MIB),
            NONE,
            NONE),
        peers(
            "tls-keepalive",
            "TLS 1.3 keep-alive, 3-byte answers, 32 connections",
            new H2Load(Protocol.TLS_1, 32, 1, Backend.TINY),
            1.0,
            NONE),
        peers(
            "tls-100k",
            "TLS 1.3 keep-alive, 100 KiB answers, 16 connections",
            new H2Load(Protocol.TLS_1, 16, 1, Backend.KIB_100),
            0.65,
            NONE),
        peers(
            "tls-full",
            "TLS 1.3 full handshakes and nothing else, RSA-2048",
            new HandshakeLoad(),
            0.5,
            NONE),
        peers(
            "tls-new",
            "TLS 1.3 full handshake for each request, RSA-2048",
            new ConnectionLoad(Handshake.FULL),
            NONE,
            NONE),
        peers(
            "tls-resumed",
            "TLS 1.3 resumed handshake for each request, RSA-2048",
            new ConnectionLoad(Handshake.RESUMED),
            NONE,
            NONE),
        peers(
            "h2",
            "HTTP/2 over TLS 1.3, 3-byte answers, 8 connections with 8 streams each",
            new H2Load(Protocol.TLS_2, 8, 8, Backend.TINY),
            1.0,
            NONE),
        counts(
            "routes",
            "1, 1,000 and 100,000 routes: HTTP/1.1 keep-alive, 3-byte answers, 32 connections",
            new H2Load(Protocol.HTTP_1, 32, 1, Backend.TINY),
            1.05,
            new int[] {1, 1000, 100_000},
            new int[] {1, 1, 1}),
        counts(
            "certs",
            "1 and 10,000 certs: full handshakes with one of the names at random, RSA-2048",
            new HandshakeLoad(),
            NONE,
            new int[] {1, 1},
            new int[] {1, 10_000}));
  }

  private static Scenario peers(
      String name, String title, Load load, double ofNginx, double ofHaProxy) {
    return new Scenario(
        name,
        title,
        load,
        List.of(PORTAL, NGINX, HAPROXY),
        List.of(new Bar(PORTAL, NGINX, ofNginx), new Bar(PORTAL, HAPROXY, ofHaProxy)));
  }

  /** Each proxy against itself with as little as there can be. */
  private static Scenario counts(
      String name, String title, Load load, double limit, int[] routes, int[] certs) {
    List<Setup> setups = new ArrayList<>();
    List<Bar> bars = new ArrayList<>();
    for (Software software : Software.values()) {
      for (int i = 0; i < routes.length; i++) {
        Setup setup = new Setup(software, routes[i], certs[i]);
        setups.add(setup);
        if (i > 0) {
          bars.add(
              new Bar(
                  setup,
                  new Setup(software, routes[0], certs[0]),
                  software == Software.PORTAL ? limit : NONE));
        }
      }
    }
    return new Scenario(name, title, load, setups, bars);
  }
}
