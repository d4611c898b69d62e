package io.portal.proxy.http;

import java.net.InetAddress;
import java.util.function.Predicate;

/**
 * The side a client came in by.
 *
 * @param tls whether the client speaks TLS to us
 * @param trusted whose {@code X-Forwarded-*} are believed
 */
record Edge(boolean tls, Predicate<InetAddress> trusted) {

  boolean trusts(InetAddress address) {
    return trusted.test(address);
  }
}
