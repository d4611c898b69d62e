package io.portal.core;

/**
 * How much a test does that only repeats itself: enough to show what it is to show, or, under
 * {@code -Dportal.full}, as much as finds what is rare.
 */
public final class Scale {

  private Scale() {}

  /** The first of them, or the second under {@code -Dportal.full}. */
  public static int of(int usual, int full) {
    String value = System.getProperty("portal.full", "false");
    return value.isEmpty() || value.equals("true") ? full : usual;
  }
}
