package io.portal.core.port;

import io.portal.core.model.VipId;

/**
 * Says which of the desired vips are this host's to have. Without a cluster all are. Answers at
 * once; thread-safe.
 */
public interface VipOwnership {

  /** Every vip is this host's. */
  VipOwnership ALL = vip -> true;

  /** Whether that vip is this host's to have now. */
  boolean owns(VipId vip);

  /**
   * Calls the listener, from any thread, when an answer of {@link #owns} has changed. The listener
   * returns at once. There is at most one listener.
   */
  default void onChange(Runnable listener) {}
}
