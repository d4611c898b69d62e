package io.portal.netlink.route;

import static io.portal.netlink.FakeTransport.hex;
import static io.portal.netlink.FakeTransport.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.portal.netlink.NetlinkException;
import io.portal.netlink.NetlinkOverrunException;
import io.portal.netlink.NetlinkTransport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

class RouteEventsTest {

  private final BlockingQueue<Object> fromKernel = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  /** The kernel's end: what is put into the queue is received. */
  private final NetlinkTransport transport =
      new NetlinkTransport() {
        @Override
        public int sendLimit() {
          return 0;
        }

        @Override
        public int answerLimit() {
          return 0;
        }

        @Override
        public void send(ByteBuffer messages) {
          throw new AssertionError("nothing is to be sent");
        }

        @Override
        public ByteBuffer receive(Duration timeout) throws NetlinkException {
          try {
            Object next = fromKernel.take();
            if (next instanceof NetlinkException e) {
              throw e;
            }
            return ByteBuffer.wrap((byte[]) next).order(ByteOrder.nativeOrder());
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        }

        @Override
        public void close() {
          fromKernel.add(new NetlinkException("use netlink socket", "it is closed"));
        }
      };

  private final RouteEvents.Listener listener =
      new RouteEvents.Listener() {
        @Override
        public void linkChanged(Link link) {
          told.add(link.name());
        }

        @Override
        public void changed() {
          told.add("changed");
        }
      };

  @Test
  void changesAreToldAlsoWhenEventsWereLost() throws Exception {
    try (RouteEvents events = RouteEvents.open(transport, listener)) {
      fromKernel.add(
          message(
              RouteConstants.RTM_NEWLINK,
              0,
              0,
              hex("0000010002000000c300010000000000 0700030064300000")));
      assertThat(told.take()).isEqualTo("d0");
      assertThat(told.take()).isEqualTo("changed");

      fromKernel.add(message(RouteConstants.RTM_DELADDR, 0, 0, hex("0218800002000000")));
      assertThat(told.take()).isEqualTo("changed");

      fromKernel.add(new NetlinkOverrunException("receive"));
      assertThat(told.take()).isEqualTo("changed");

      // What cannot be read still means that something has changed.
      fromKernel.add(hex("0000"));
      assertThat(told.take()).isEqualTo("changed");
      assertThat(events).isNotNull();
    }
    assertThat(told).isEmpty();
  }
}
