package io.portal.store;

/** What to do with a store of which a part is damaged or missing. */
public enum OnDamage {
  /** Refuse to open it, naming the part. */
  REFUSE,

  /** Keep the damaged part aside, by name, and go on with the rest. */
  SET_ASIDE
}
