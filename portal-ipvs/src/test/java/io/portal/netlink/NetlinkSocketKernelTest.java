package io.portal.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portal.core.kernel.KernelTest;
import io.portal.netlink.generic.GenericFamily;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sockets, families and events of a real kernel. */
@KernelTest
class NetlinkSocketKernelTest {

  /** RTNLGRP_LINK and RTM_NEWLINK, include/uapi/linux/rtnetlink.h. */
  private static final int LINK_GROUP = 1;

  private static final int NEW_LINK = 16;

  private NetworkNamespace namespace;

  @BeforeEach
  void enter() throws Exception {
    namespace = NetworkNamespace.enter();
  }

  @AfterEach
  void leave() throws Exception {
    namespace.close();
  }

  private static NetlinkConnection generic() throws NetlinkException {
    return new NetlinkConnection(NetlinkSocket.open(Netlink.GENERIC), Duration.ofSeconds(5));
  }

  @Test
  void resolvesFamilies() throws Exception {
    try (NetlinkConnection connection = generic()) {
      assertThat(GenericFamily.resolve(connection, "nlctrl"))
          .hasValueSatisfying(
              family -> {
                assertThat(family.id()).isEqualTo(0x10);
                assertThat(family.groups()).containsEntry("notify", 0x10);
              });
      assertThat(GenericFamily.resolve(connection, "IPVS"))
          .hasValueSatisfying(family -> assertThat(family.version()).isEqualTo(1));
      assertThat(GenericFamily.resolve(connection, "nosuch")).isEmpty();
    }
  }

  @Test
  void readsTheKernelsOwnWords() throws Exception {
    try (NetlinkConnection connection = generic()) {
      // CTRL_ATTR_FAMILY_NAME longer than the policy of net/netlink/genetlink.c allows.
      NetlinkRequest request =
          new NetlinkRequest(
              0x10,
              out -> {
                out.headerU32(3);
                out.string(2, "x".repeat(100));
              });
      assertThatThrownBy(() -> connection.execute("resolve", request))
          .isInstanceOfSatisfying(
              NetlinkException.class,
              e -> {
                assertThat(e.errno()).isNotNull();
                assertThat(e.kernelMessage()).isNotBlank();
              });
    }
  }

  @Test
  void losesNoRefusalOfALargeBatch() throws Exception {
    try (NetlinkConnection connection = generic()) {
      NetlinkRequest refused = new NetlinkRequest(0x10, out -> out.headerU32(99));

      List<NetlinkFailure> failures = connection.execute("do", Collections.nCopies(5000, refused));

      assertThat(failures).hasSize(5000);
      assertThat(failures.get(4999)).isEqualTo(new NetlinkFailure(4999, Errno.EOPNOTSUPP, ""));
    }
  }

  @Test
  void receivesEvents() throws Exception {
    try (NetlinkSocket events = NetlinkSocket.open(Netlink.ROUTE, LINK_GROUP)) {
      assertThat(events.receive(Duration.ZERO)).isNull();

      NetworkNamespace.run("ip", "link", "add", "dummy7", "type", "dummy");

      assertThat(NetlinkMessage.readAll(events.receive(Duration.ofSeconds(5))))
          .first()
          .satisfies(
              message -> {
                assertThat(message.type()).isEqualTo(NEW_LINK);
                assertThat(message.sequence()).isZero();
              });
    }
  }

  @Test
  void closingWakesTheThreadThatWaits() throws Exception {
    NetlinkSocket events = NetlinkSocket.open(Netlink.ROUTE, LINK_GROUP);
    CompletableFuture<Object> outcome = new CompletableFuture<>();
    Thread waiting =
        new Thread(
            () -> {
              try {
                outcome.complete(events.receive(Duration.ofMinutes(5)));
              } catch (NetlinkException e) {
                outcome.complete(e);
              }
            });
    waiting.start();

    events.close();

    assertThat(outcome.get(10, TimeUnit.SECONDS)).isInstanceOf(NetlinkException.class);
    events.close();
  }

  @Test
  void tellsOfEventsThatWereLost() throws Exception {
    try (NetlinkSocket events = NetlinkSocket.open(Netlink.ROUTE, LINK_GROUP)) {
      NetworkNamespace.run("ip", "link", "add", "dummy7", "type", "dummy");
      NetworkNamespace.run(
          "sh",
          "-c",
          "for i in $(seq 6000); do echo link set dummy7 mtu $((1000 + i % 2)); done"
              + " | ip -batch -");

      assertThatThrownBy(
              () -> {
                while (events.receive(Duration.ofMillis(100)) != null) {
                  // until the socket tells
                }
              })
          .isInstanceOf(NetlinkOverrunException.class);
    }
  }

  @Test
  void refusesMoreThanADatagramTakes() throws Exception {
    try (NetlinkSocket socket = NetlinkSocket.open(Netlink.GENERIC)) {
      assertThat(socket.sendLimit()).isGreaterThan(1 << 20);
      assertThatThrownBy(() -> socket.send(ByteBuffer.allocate(socket.sendLimit() + 4)))
          .hasMessageContaining("one datagram takes");
    }
  }
}
