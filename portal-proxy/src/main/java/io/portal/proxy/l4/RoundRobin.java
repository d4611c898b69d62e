package io.portal.proxy.l4;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code rr}: each server in its turn, whatever its weight, unless that is 0. */
final class RoundRobin implements Scheduling {

  private @Nullable Backend last;

  @Override
  public @Nullable Backend pick(List<Backend> servers, Flow flow) {
    int size = servers.size();
    int start = last == null ? 0 : servers.indexOf(last) + 1;
    for (int i = 0; i < size; i++) {
      Backend backend = servers.get((start + i) % size);
      if (flow.admits(backend)) {
        last = backend;
        return backend;
      }
    }
    return null;
  }

  @Override
  public void changed(List<Backend> servers) {
    if (last != null && !servers.contains(last)) {
      last = null;
    }
  }
}
