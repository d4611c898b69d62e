package io.portal.store.redis;

import java.util.Arrays;

/** Where the cluster stands, as this member sees it. */
enum Phase {
  /** Redis does not answer. */
  AWAY("away"),
  /** Redis was started again, and the members tell it what they know. */
  COMPARING("comparing"),
  /** Redis was behind, and gets the state of the member that knows the newest revision. */
  SEEDING("seeding"),
  /** Writes are taken. */
  READY("ready");

  private final String word;

  Phase(String word) {
    this.word = word;
  }

  /**
   * The phase that the script {@code beat} answers.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Phase of(String word) {
    return Arrays.stream(values())
        .filter(phase -> phase.word.equals(word))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no phase: " + word));
  }

  /** Whether it ends soon by itself. */
  boolean passing() {
    return this == COMPARING || this == SEEDING;
  }

  @Override
  public String toString() {
    return word;
  }
}
