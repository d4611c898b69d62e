package io.portal.core;

/**
 * What becomes of the services that a balancer holds when portal starts on a store without any: the
 * kernel's table may be another program's.
 */
public enum ExistingServices {
  /**
   * They are left alone, now and after restarts, until one of them is added to portal. The default.
   */
  LEAVE,
  /** They become desired services. */
  ADOPT,
  /** They are removed. */
  REMOVE
}
