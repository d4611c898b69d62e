package io.portal.proxy.bench;

/**
 * What a proxy is set up with. Routes are spread over hosts, up to a thousand paths each; cert
 * number n is for host number n.
 *
 * @param software which proxy
 * @param routes 1 or more
 * @param certs 1 or more
 */
record Setup(Software software, int routes, int certs) {

  private static final int PATHS = 1000;

  /** Number of hosts that have routes. */
  int hosts() {
    return (routes + PATHS - 1) / PATHS;
  }

  /** Number of paths of each host. */
  int paths() {
    return Math.min(routes, PATHS);
  }

  static String host(int number) {
    return "h" + number + ".example";
  }

  static String path(int number) {
    return String.format("/p%03d", number);
  }
}
