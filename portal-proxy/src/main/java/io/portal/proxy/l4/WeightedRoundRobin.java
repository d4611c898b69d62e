package io.portal.proxy.l4;

import com.google.common.math.IntMath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code wrr}: rounds over the servers, each round admitting those whose weight reaches a bar that
 * sinks from the greatest weight to the greatest common divisor, then starts anew.
 */
final class WeightedRoundRobin implements Scheduling {

  private int position = -1;
  private int bar;
  private int greatest;
  private int divisor = 1;

  @Override
  public @Nullable Backend pick(List<Backend> servers, Flow flow) {
    int reachable = 0;
    for (Backend backend : servers) {
      if (flow.admits(backend)) {
        reachable = Math.max(reachable, backend.weight());
      }
    }
    if (reachable == 0) {
      return null;
    }
    while (true) {
      position++;
      if (position >= servers.size()) {
        position = 0;
        bar -= divisor;
        if (bar <= 0) {
          bar = greatest;
        }
        // Rounds that would admit nobody are left out.
        bar = Math.min(bar, reachable);
      }
      Backend backend = servers.get(position);
      if (backend.weight() >= bar && flow.admits(backend)) {
        return backend;
      }
    }
  }

  @Override
  public void changed(List<Backend> servers) {
    greatest = 0;
    int common = 0;
    for (Backend backend : servers) {
      greatest = Math.max(greatest, backend.weight());
      common = IntMath.gcd(common, backend.weight());
    }
    divisor = Math.max(common, 1);
    position = -1;
    // Where the bar stood it stays, as far as the new weights allow, so that a change of one server
    // does not favour the heaviest again.
    bar = bar <= 0 || bar > greatest ? greatest : bar / divisor * divisor;
    if (bar == 0) {
      bar = greatest;
    }
  }
}
