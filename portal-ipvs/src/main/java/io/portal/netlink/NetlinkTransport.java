package io.portal.netlink;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Carries datagrams of netlink messages to the kernel and back. The seam for tests: a fake deals in
 * bytes, all framing stays real.
 */
public interface NetlinkTransport extends AutoCloseable {

  /** Most bytes that one {@link #send} takes. */
  int sendLimit();

  /** Most answers to one {@link #send} that surely fit the receive buffer. */
  int answerLimit();

  /**
   * Sends the buffer's remaining bytes, whole messages in native byte order, as one datagram. The
   * kernel handles all of them before this returns.
   *
   * @throws NetlinkException if they were not sent
   */
  void send(ByteBuffer messages) throws NetlinkException;

  /**
   * Waits for a datagram. Blocks.
   *
   * @param timeout how long at most; zero to take only what is there
   * @return its messages in native byte order, valid until the next call; null if none came in time
   * @throws NetlinkOverrunException if messages were lost before
   * @throws NetlinkException if nothing can be received, as after {@link #close}
   */
  @Nullable ByteBuffer receive(Duration timeout) throws NetlinkException;

  /** Closes; a thread that waits in {@link #receive} leaves with an exception. Idempotent. */
  @Override
  void close();
}
