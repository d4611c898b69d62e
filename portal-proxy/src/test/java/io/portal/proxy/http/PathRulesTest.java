package io.portal.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.HealthCheck;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A page on {@code /admin} in front of a target for everything: whatever way a path is written in,
 * the table {@code paths.txt} says who serves it, over HTTP/1.1 and HTTP/2, and the target gets it
 * as it came.
 */
class PathRulesTest {

  private static final List<Place> PLACES = new ArrayList<>();

  /** A proxy with its own target. */
  private record Place(boolean wire, boolean slashes, Served proxy, ScriptedTarget target) {

    static Place start(boolean wire, boolean slashes) throws Exception {
      ScriptedTarget target =
          new ScriptedTarget((head, i) -> "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ntarget");
      Served proxy = Served.start(wire, settings -> settings.encodedSlashes(slashes));
      proxy.routes(route("/admin", List.of(), "page"), route("/", List.of(target.uri()), ""));
      return new Place(wire, slashes, proxy, target);
    }

    private static Route route(String path, List<URI> targets, String page) {
      return new Route(new RouteId("", "", path), targets, "", page, HealthCheck.NONE);
    }

    /** Who serves a path: {@code page}, {@code target}, or a status. */
    String ask(String path) throws IOException {
      return served(proxy.ask("GET", path).substring("HTTP/1.1 ".length()));
    }

    String askHttp2(String path) throws IOException {
      try (RawHttp2 client = RawHttp2.greeted(proxy.port(false))) {
        client.get(1, path);
        return served(client.outcome(1));
      }
    }

    private String served(String outcome) {
      String status = outcome.startsWith("reset") ? outcome : outcome.substring(0, 3);
      List<String> seen = List.copyOf(target.requests());
      return !status.equals("200") ? status : seen.isEmpty() ? "page" : "target";
    }

    void check(String path, String expected, String served) {
      assertThat(served).as("%s: %s", this, path).isEqualTo(expected);
      if (served.equals("target")) {
        assertThat(target.requests().get(0)).as(toString()).startsWith("GET " + path + " HTTP/1.1");
      } else {
        assertThat(target.requests()).as(toString()).isEmpty();
      }
      target.requests().clear();
    }

    @Override
    public String toString() {
      return (wire ? "as bytes" : "through codecs") + (slashes ? ", encoded slashes" : "");
    }
  }

  @BeforeAll
  static void start() throws Exception {
    for (boolean slashes : new boolean[] {false, true}) {
      PLACES.add(Place.start(true, slashes));
      PLACES.add(Place.start(false, slashes));
    }
  }

  @AfterAll
  static void stop() throws IOException {
    for (Place place : PLACES) {
      place.proxy().close();
      place.target().close();
    }
    PLACES.clear();
  }

  static Stream<List<String>> rows() {
    return TableText.rows("paths.txt", 3).map(List::of);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void cannotBeGoneRound(List<String> row) throws Exception {
    String path = TableText.unescape(row.get(2));
    for (Place place : PLACES) {
      String expected = row.get(place.slashes() ? 1 : 0);
      place.check(path, expected, place.ask(path));
      if (path.startsWith("/") && path.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
        place.check(path, expected, place.askHttp2(path));
      }
    }
  }
}
