package io.portal.proxy.http;

import io.portal.core.model.Route;
import io.portal.proxy.route.RequestPath;
import io.portal.proxy.route.TargetPath;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A route with its targets' health and turn. Thread-safe. */
final class ServedRoute {

  private final Route route;
  private final List<Target> targets;
  private final String pattern;
  private final byte[] page;
  private final boolean wire;
  private final AtomicInteger turn = new AtomicInteger();

  ServedRoute(Route route, List<Target> targets) {
    this.route = route;
    this.targets = targets;
    pattern = RequestPath.pattern(route.id().path());
    page = route.page().getBytes(StandardCharsets.UTF_8);
    wire =
        page.length == 0
            && targets.stream().allMatch(t -> t.place().protocol() == Target.Protocol.HTTP);
  }

  /** What comes after this one. */
  ServedRoute next(Route changed) {
    if (changed.equals(route)) {
      return this;
    }
    Map<URI, Target> known = new HashMap<>();
    if (changed.health().equals(route.health())) {
      // What another check found says nothing about this one.
      targets.forEach(target -> known.put(target.uri(), target));
    }
    return new ServedRoute(
        changed,
        changed.targets().stream()
            .map(uri -> known.containsKey(uri) ? known.get(uri) : new Target(uri))
            .toList());
  }

  Route route() {
    return route;
  }

  List<Target> targets() {
    return targets;
  }

  /** Whether its requests may pass as bytes: all its targets speak plain HTTP/1.1. */
  boolean wire() {
    return wire;
  }

  byte[] page() {
    return page;
  }

  /** {@code text/html} for a page that starts like HTML, else {@code text/plain}. */
  String pageType() {
    String start = route.page().stripLeading().toLowerCase(Locale.ROOT);
    return start.startsWith("<!doctype html") || start.startsWith("<html") || start.startsWith("<")
        ? "text/html; charset=utf-8"
        : OwnAnswer.TEXT;
  }

  /** What the request line says to a target of this route. */
  String path(Target target, RequestGuard guard) {
    if (guard.raw().equals("*")) {
      // OPTIONS of the server as a whole (RFC 9112 3.2.4), which has no path to join.
      return guard.raw();
    }
    return TargetPath.of(
        target.path(), target.query(), pattern, route.fwdpath(), guard.raw(), guard.path());
  }

  /**
   * The next healthy target in turn that was not tried. Where there is none, one that is only left
   * alone: to try it is better than to refuse.
   *
   * @return null if no target is left that a check has not found dead
   */
  @Nullable Target next(Set<Target> tried, long nanoTime) {
    int size = targets.size();
    if (size == 0) {
      return null;
    }
    Target alone = null;
    int start = size == 1 ? 0 : Math.floorMod(turn.getAndIncrement(), size);
    for (int i = 0; i < size; i++) {
      Target target = targets.get((start + i) % size);
      if (tried.contains(target)) {
        continue;
      }
      if (target.healthy(nanoTime)) {
        if (i > 0) {
          // Or whoever comes after those left out would have their share too.
          turn.getAndAdd(i);
        }
        return target;
      }
      if (alone == null && target.alive()) {
        alone = target;
      }
    }
    return alone;
  }
}
