package io.portal.core.internal;

import io.portal.core.RefusedException;
import io.portal.core.port.Proxy;
import io.portal.core.port.ProxyException;
import io.portal.core.port.ProxyTable;
import io.portal.core.state.DesiredState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a proxy serve the desired routes and certs. Used by the reconciler's thread only. */
final class ProxyWorld {

  private static final Logger log = LoggerFactory.getLogger(ProxyWorld.class);

  /** Subject of failures that concern the proxy. */
  static final String SUBJECT = "proxy";

  private final Proxy proxy;
  private final Failures failures;
  private boolean served;

  ProxyWorld(Proxy proxy, Failures failures) {
    this.proxy = proxy;
    this.failures = failures;
  }

  /**
   * Serves the new table.
   *
   * @throws RefusedException if the proxy refuses it; the old one is served on
   */
  void change(DesiredState after) {
    try {
      proxy.apply(table(after));
      served = true;
      failures.cleared(SUBJECT);
    } catch (ProxyException e) {
      throw new RefusedException("proxy: " + e.getMessage(), e);
    }
  }

  /** Serves the desired table if that did not succeed yet; a proxy cannot drift. */
  void pass(DesiredState desired) {
    if (served || failures.waiting(SUBJECT)) {
      return;
    }
    try {
      change(desired);
    } catch (RefusedException e) {
      failures.failed(SUBJECT, e);
      log.warn("{}; will be tried again", e.getMessage());
    }
  }

  /** Serves the table of before, now or at a later pass. */
  void restore(DesiredState before) {
    served = false;
    pass(before);
  }

  private static ProxyTable table(DesiredState state) {
    return new ProxyTable(state.routes().values(), state.certs().values(), state.pages());
  }
}
