package io.portal.netlink;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Requests and answers over a transport. Thread-safe; one exchange runs at a time, others wait. All
 * methods block until the kernel has answered, or fail after the timeout.
 *
 * <p>Many requests go in one datagram, of which only the last asks for an acknowledgement: the
 * kernel handles them in order, reports each that fails with its sequence number, and goes on with
 * the next.
 */
public final class NetlinkConnection implements AutoCloseable {

  /** Receives messages; they are valid during the call only. */
  @FunctionalInterface
  public interface Handler {

    /**
     * A message that answers a request.
     *
     * @param index place of the request in the list that was given, from 0
     */
    void accept(int index, NetlinkMessage message) throws NetlinkException;
  }

  /** Requests in one datagram at most; more made nothing faster. */
  private static final int BATCH = 512;

  private static final Handler NO_ANSWER =
      (index, message) -> {
        throw new NetlinkException("read answer", "type " + message.type() + " was not asked for");
      };

  private final NetlinkTransport transport;
  private final Duration timeout;
  private final AttributeWriter writer = new AttributeWriter(1 << 16);
  private int sequence;

  /**
   * Requests over that transport, which is closed with this.
   *
   * @param timeout how long to wait for an answer
   */
  public NetlinkConnection(NetlinkTransport transport, Duration timeout) {
    this.transport = transport;
    this.timeout = timeout;
  }

  /**
   * Sends requests that change something; those that fail do not stop those behind them.
   *
   * @return those that were refused, in order
   * @throws NetlinkOverrunException if refusals were lost
   * @throws NetlinkException if not all were sent or answered
   */
  public List<NetlinkFailure> execute(String operation, List<NetlinkRequest> requests)
      throws NetlinkException {
    return exchange(operation, requests, NO_ANSWER);
  }

  /**
   * Sends a request that changes something.
   *
   * @throws NetlinkException if it is refused
   */
  public void execute(String operation, NetlinkRequest request) throws NetlinkException {
    query(operation, request, NO_ANSWER);
  }

  /**
   * Sends a request and hands over its answers.
   *
   * @throws NetlinkException if it is refused
   */
  public void query(String operation, NetlinkRequest request, Handler answers)
      throws NetlinkException {
    for (NetlinkFailure failure : exchange(operation, List.of(request), answers)) {
      throw failure.toException(operation);
    }
  }

  /**
   * Sends requests and hands over their answers, which come in the order of the requests.
   *
   * @return those that were refused, in order
   * @throws NetlinkOverrunException if answers were lost
   * @throws NetlinkException if not all were sent or answered
   */
  public synchronized List<NetlinkFailure> exchange(
      String operation, List<NetlinkRequest> requests, Handler answers) throws NetlinkException {
    List<NetlinkFailure> failures = new ArrayList<>();
    int limit = Math.min(BATCH, transport.answerLimit());
    int done = 0;
    while (done < requests.size()) {
      int sent = sendBatch(operation, requests, done, limit);
      readAnswers(operation, done, sent, answers, failures);
      done += sent;
    }
    return failures;
  }

  /** Sends as many of the requests as fit, and returns how many. */
  private int sendBatch(String operation, List<NetlinkRequest> requests, int from, int limit)
      throws NetlinkException {
    writer.discard(writer.position());
    int first = sequence + 1;
    int last = 0;
    int end = 0;
    int count = 0;
    while (count < limit && from + count < requests.size()) {
      NetlinkRequest request = requests.get(from + count);
      int start = write(operation, request, first + count, 0);
      if (writer.position() > transport.sendLimit()) {
        if (count == 0) {
          throw new NetlinkException(operation, "a request is larger than the send buffer");
        }
        break;
      }
      last = start;
      end = writer.position();
      count++;
    }
    writer.addFlags(last, Netlink.FLAG_ACK);
    sequence += count;
    transport.send(writer.written(end));
    return count;
  }

  private int write(String operation, NetlinkRequest request, int number, int flags)
      throws NetlinkException {
    int start =
        writer.beginMessage(request.type(), Netlink.FLAG_REQUEST | request.flags() | flags, number);
    request.body().accept(writer);
    writer.endMessage(operation, start);
    return start;
  }

  /** Reads until the last request of the batch just sent is acknowledged or refused. */
  private void readAnswers(
      String operation, int from, int count, Handler answers, List<NetlinkFailure> failures)
      throws NetlinkException {
    int first = sequence - count + 1;
    NetlinkException handlerFailed = null;
    boolean complete = false;
    while (!complete) {
      for (NetlinkMessage message : NetlinkMessage.readAll(receive(operation))) {
        int place = message.sequence() - first;
        if (place < 0 || place >= count) {
          continue; // of an exchange that was given up
        }
        if (message.type() == Netlink.ERROR) {
          if (message.error() != 0) {
            failures.add(
                new NetlinkFailure(
                    from + place, new Errno(-message.error()), message.kernelMessage()));
          }
          complete = place == count - 1;
        } else if (message.type() > Netlink.OVERRUN && handlerFailed == null) {
          try {
            answers.accept(from + place, message);
          } catch (NetlinkException e) {
            handlerFailed = e; // the rest must still be read
          }
        }
      }
    }
    if (handlerFailed != null) {
      throw handlerFailed;
    }
  }

  /**
   * Asks for all objects of a kind.
   *
   * @param parts receives each, with index 0; calls may have been made before a failure
   * @return the number of datagrams with objects: what came in one is consistent
   * @throws NetlinkDumpInterruptedException if what was dumped changed meanwhile
   * @throws NetlinkBusyException if this socket is at another dump
   * @throws NetlinkOverrunException if parts were lost
   * @throws NetlinkException if the dump failed
   */
  public synchronized int dump(String operation, NetlinkRequest request, Handler parts)
      throws NetlinkException {
    writer.discard(writer.position());
    write(operation, request, ++sequence, Netlink.FLAG_DUMP);
    transport.send(writer.written(writer.position()));

    NetlinkException failed = null;
    int datagrams = 0;
    while (true) {
      boolean objects = false;
      for (NetlinkMessage message : NetlinkMessage.readAll(receive(operation))) {
        if (message.sequence() != sequence) {
          continue; // of an exchange that was given up
        }
        if ((message.flags() & Netlink.FLAG_DUMP_INTERRUPTED) != 0 && failed == null) {
          failed = new NetlinkDumpInterruptedException(operation);
        }
        if (message.type() == Netlink.DONE || message.type() == Netlink.ERROR) {
          if (message.error() != 0) {
            failed =
                new NetlinkFailure(0, new Errno(-message.error()), message.kernelMessage())
                    .toException(operation);
          }
          if (failed != null) {
            throw failed;
          }
          return datagrams + (objects ? 1 : 0);
        }
        if (message.type() > Netlink.OVERRUN && failed == null) {
          objects = true;
          try {
            parts.accept(0, message);
          } catch (NetlinkException e) {
            failed = e; // the socket is free again only when all parts are read
          }
        }
      }
      datagrams += objects ? 1 : 0;
    }
  }

  private ByteBuffer receive(String operation) throws NetlinkException {
    @Nullable ByteBuffer datagram;
    try {
      datagram = transport.receive(timeout);
    } catch (NetlinkOverrunException e) {
      drain();
      throw new NetlinkOverrunException(operation);
    }
    if (datagram == null) {
      throw new NetlinkTimeoutException(operation, timeout);
    }
    return datagram;
  }

  /** Throws away what is left, so that a dump comes to its end and the socket is free again. */
  private void drain() throws NetlinkException {
    boolean more = true;
    while (more) {
      try {
        more = transport.receive(Duration.ZERO) != null;
      } catch (NetlinkOverrunException e) {
        more = true;
      }
    }
  }

  /** Closes the transport; does not wait for an exchange that is running. */
  @Override
  public void close() {
    transport.close();
  }
}
