package io.portal.proxy.l4;

/** The same over NIO, which cannot send datagrams without content: that test is left out. */
class UserspaceUdpNioTest extends UserspaceUdpTest {

  @Override
  boolean nativeTransport() {
    return false;
  }

  @Override
  void carriesRequestsWithoutContent() {}
}
