package io.portal.proxy.bench;

import java.util.Locale;

/** The proxies that are compared. */
enum Software {
  PORTAL,
  NGINX,
  HAPROXY;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
