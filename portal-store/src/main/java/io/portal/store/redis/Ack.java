package io.portal.store.redis;

/**
 * What a member says of the revisions it has applied.
 *
 * @param revision the last one it has tried to apply
 * @param failedRevision the last one it could not apply; 0 for none
 * @param failure why it could not
 */
record Ack(long revision, long failedRevision, String failure) {

  static final Ack NONE = new Ack(-1, 0, "");

  static Ack parse(String text) {
    String[] parts = text.split(" ", 3);
    return parts.length < 3
        ? NONE
        : new Ack(Long.parseLong(parts[0]), Long.parseLong(parts[1]), parts[2]);
  }

  @Override
  public String toString() {
    return revision + " " + failedRevision + " " + failure;
  }
}
