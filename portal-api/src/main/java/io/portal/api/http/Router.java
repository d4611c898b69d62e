package io.portal.api.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The table of paths. A template is made of segments; one that begins with a colon stands for any
 * one segment, by name. Filled once, then read by any thread.
 */
public final class Router {

  private final List<Endpoint> endpoints = new ArrayList<>();

  /**
   * One line of the table.
   *
   * @param method upper case
   * @param template such as {@code /services/:id}
   * @param open whether it answers without a token
   * @param query the names of the query's values that it reads
   * @param handler answers
   */
  public record Endpoint(
      String method, String template, boolean open, Set<String> query, Handler handler) {

    /** Whether it changes anything; {@code GET /sync} of the first portals does. */
    boolean changes() {
      return !method.equals("GET") || template.equals("/sync");
    }

    private long words() {
      return segments(template).stream().filter(segment -> !segment.startsWith(":")).count();
    }

    private Optional<Map<String, String>> match(List<String> segments) {
      List<String> pattern = segments(template);
      if (pattern.size() != segments.size()) {
        return Optional.empty();
      }
      Map<String, String> parameters = new LinkedHashMap<>();
      for (int i = 0; i < pattern.size(); i++) {
        String wanted = pattern.get(i);
        if (wanted.startsWith(":") && !segments.get(i).isEmpty()) {
          parameters.put(wanted.substring(1), decode(segments.get(i)));
        } else if (!wanted.equals(segments.get(i))) {
          return Optional.empty();
        }
      }
      return Optional.of(parameters);
    }
  }

  /** An endpoint that was found, with the values of its template. */
  public record Match(Endpoint endpoint, Map<String, String> parameters) {}

  /**
   * Adds an endpoint that wants a token.
   *
   * @param query the names of the query's values that it reads
   */
  public Router add(String method, String template, Handler handler, String... query) {
    endpoints.add(new Endpoint(method, template, false, Set.of(query), handler));
    return this;
  }

  /** Adds an endpoint that anybody may ask. */
  public Router open(String method, String template, Handler handler) {
    endpoints.add(new Endpoint(method, template, true, Set.of(), handler));
    return this;
  }

  /** All endpoints, in the order they were added. */
  public List<Endpoint> endpoints() {
    return List.copyOf(endpoints);
  }

  /** The endpoint for a method and path. */
  Optional<Match> find(String method, String path) {
    List<String> segments = asked(method, path);
    for (Endpoint endpoint : nearest(segments)) {
      if (endpoint.method().equals(method)) {
        return endpoint.match(segments).map(parameters -> new Match(endpoint, parameters));
      }
    }
    return Optional.empty();
  }

  /** The methods that a path knows, for {@code Allow}; empty if there is no such path. */
  String allowed(String method, String path) {
    TreeSet<String> methods = new TreeSet<>();
    nearest(asked(method, path)).forEach(endpoint -> methods.add(endpoint.method()));
    return String.join(", ", methods);
  }

  /**
   * The endpoints whose templates match with the most words of their own: {@code
   * /services/:id/servers/:id} goes before {@code /services/:type/:ip/:port}, for all methods.
   */
  private List<Endpoint> nearest(List<String> segments) {
    List<Endpoint> nearest = new ArrayList<>();
    long most = -1;
    for (Endpoint endpoint : endpoints) {
      if (endpoint.match(segments).isPresent()) {
        long words = endpoint.words();
        if (words > most) {
          nearest.clear();
          most = words;
        }
        if (words == most) {
          nearest.add(endpoint);
        }
      }
    }
    return nearest;
  }

  /**
   * A path's segments without a trailing slash, which clients of the first portals sent. On {@code
   * DELETE} it counts: there the name of what is to go may be an unset variable.
   */
  private static List<String> asked(String method, String path) {
    boolean slash = path.length() > 1 && path.endsWith("/") && !method.equals("DELETE");
    return segments(slash ? path.substring(0, path.length() - 1) : path);
  }

  private static List<String> segments(String path) {
    return List.of(path.substring(Math.min(1, path.length())).split("/", -1));
  }

  private static String decode(String segment) {
    // A plus is a plus in a path.
    return QueryStringDecoder.decodeComponent(segment.replace("+", "%2B"));
  }
}
