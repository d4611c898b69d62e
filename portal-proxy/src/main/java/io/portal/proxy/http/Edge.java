package io.portal.proxy.http;

import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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

  /**
   * The header lines that tell a target about a client, up to the value of X-Forwarded-Host.
   *
   * @param via the version of HTTP that the client speaks, for {@code Via}; empty for none
   */
  byte[] about(Channel connection, String via) {
    InetSocketAddress remote = (InetSocketAddress) connection.remoteAddress();
    InetSocketAddress local = (InetSocketAddress) connection.localAddress();
    return Head.ascii(
        "x-forwarded-for: "
            + NetUtil.toAddressString(remote.getAddress())
            + "\r\nx-forwarded-proto: "
            + (tls ? "https" : "http")
            + "\r\nx-forwarded-port: "
            + local.getPort()
            + (via.isEmpty() ? "" : "\r\nvia: " + via + " portal")
            + "\r\nx-forwarded-host: ");
  }
}
