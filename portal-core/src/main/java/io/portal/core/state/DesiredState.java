package io.portal.core.state;

import io.portal.core.model.Cert;
import io.portal.core.model.ErrorPages;
import io.portal.core.model.Route;
import io.portal.core.model.RouteId;
import io.portal.core.model.Service;
import io.portal.core.model.ServiceId;
import io.portal.core.model.Vip;
import io.portal.core.model.VipId;
import java.util.Map;
import java.util.Optional;
import org.pcollections.PSortedMap;
import org.pcollections.TreePMap;

/**
 * Everything portal was asked for, as one immutable snapshot. A snapshot that differs in one
 * service shares the rest with the one it was made from, so a change costs in proportion to the
 * change.
 *
 * @param revision counts the changes; 0 for a state that was never stored
 * @param services by id
 * @param routes by id
 * @param certs by the certificate's PEM text
 * @param vips by id
 * @param pages the proxy's own pages
 */
public record DesiredState(
    long revision,
    PSortedMap<ServiceId, Service> services,
    PSortedMap<RouteId, Route> routes,
    PSortedMap<String, Cert> certs,
    PSortedMap<VipId, Vip> vips,
    ErrorPages pages) {

  /** Nothing asked for yet. */
  public static final DesiredState EMPTY =
      new DesiredState(
          0,
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          ErrorPages.DEFAULT);

  /** This state after that change, under the next revision. */
  public DesiredState with(StateChange change) {
    return new DesiredState(
        revision + 1,
        merge(services, change.services()),
        merge(routes, change.routes()),
        merge(certs, change.certs()),
        merge(vips, change.vips()),
        change.pages().orElse(pages));
  }

  /** This state under another revision. */
  public DesiredState withRevision(long newRevision) {
    return new DesiredState(newRevision, services, routes, certs, vips, pages);
  }

  private static <K, V> PSortedMap<K, V> merge(PSortedMap<K, V> map, Map<K, Optional<V>> changes) {
    PSortedMap<K, V> merged = map;
    for (Map.Entry<K, Optional<V>> entry : changes.entrySet()) {
      Optional<V> value = entry.getValue();
      merged =
          value.isPresent()
              ? merged.plus(entry.getKey(), value.get())
              : merged.minus(entry.getKey());
    }
    return merged;
  }
}
