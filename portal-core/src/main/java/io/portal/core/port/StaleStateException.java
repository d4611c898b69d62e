package io.portal.core.port;

/** The state that a change was made for is not the stored one any more: load and try again. */
public final class StaleStateException extends StoreException {

  private static final long serialVersionUID = 1L;

  /**
   * An error that names both revisions.
   *
   * @param expected the revision that the change was made for
   * @param stored the revision that is stored
   */
  public StaleStateException(long expected, long stored) {
    super("revision " + stored + " is stored, not " + expected);
  }
}
