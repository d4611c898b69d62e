package io.portal.api;

import io.portal.api.config.Config;
import io.portal.api.config.Setting;
import io.portal.core.port.VipException;
import io.portal.core.port.VipManager;
import io.portal.vip.KernelVipManager;
import io.portal.vip.VipSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens what puts vips on interfaces; where that cannot be, vips are refused and the rest goes on.
 */
final class VipManagers {

  private static final Logger log = LoggerFactory.getLogger(VipManagers.class);

  private VipManagers() {}

  static VipManager open(Config config) {
    try {
      VipSettings usual = VipSettings.DEFAULT;
      return KernelVipManager.open(
          new VipSettings(
              config.on(Setting.VIP_DETECT_DUPLICATES),
              usual.announcements(),
              usual.announcementPause()));
    } catch (VipException e) {
      log.info("{}", e.getMessage());
      return new RefusingVipManager(String.valueOf(e.getMessage()));
    }
  }
}
