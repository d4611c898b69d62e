package io.portal.api;

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

  static VipManager open() {
    try {
      return KernelVipManager.open(VipSettings.DEFAULT);
    } catch (VipException e) {
      log.info("{}", e.getMessage());
      return new RefusingVipManager(String.valueOf(e.getMessage()));
    }
  }
}
