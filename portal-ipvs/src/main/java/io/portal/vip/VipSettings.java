package io.portal.vip;

import java.time.Duration;

/**
 * How addresses are put on interfaces.
 *
 * @param detectDuplicates whether IPv6 first asks the neighbours if one has the address already,
 *     which takes the kernel a second or more. A vip that moves is in use at once without.
 * @param announcements how often an added address is announced, 0 to 100
 * @param announcementPause time between two announcements of an address, above zero
 */
public record VipSettings(boolean detectDuplicates, int announcements, Duration announcementPause) {

  /** In use at once, announced five times in two seconds. */
  public static final VipSettings DEFAULT = new VipSettings(false, 5, Duration.ofMillis(500));

  /** Checks the ranges. */
  public VipSettings {
    if (announcements < 0 || announcements > 100) {
      throw new IllegalArgumentException("announcements must be 0 to 100, not " + announcements);
    }
    if (announcementPause.isNegative() || announcementPause.isZero()) {
      throw new IllegalArgumentException(
          "announcementPause must be above zero, not " + announcementPause);
    }
  }
}
