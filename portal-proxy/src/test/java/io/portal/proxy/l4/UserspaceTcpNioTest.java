package io.portal.proxy.l4;

/** The same over NIO, as on hosts without epoll. */
class UserspaceTcpNioTest extends UserspaceTcpTest {

  @Override
  UserspaceOptions options() {
    UserspaceOptions base = UserspaceOptions.DEFAULT;
    return new UserspaceOptions(
        1, false, base.connectTimeout(), base.udpIdle(), base.udpSessions(), base.spliceAfter());
  }
}
