package io.portal.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/**
 * A kernel's end of a transport that deals in bytes: a function answers each datagram with others,
 * or with an exception.
 */
public final class FakeTransport implements NetlinkTransport {

  private final Function<ByteBuffer, List<Object>> kernel;
  private final int sendLimit;
  private final Deque<Object> answers = new ArrayDeque<>();
  private final List<byte[]> sent = new ArrayList<>();
  private boolean closed;

  public FakeTransport(int sendLimit, Function<ByteBuffer, List<Object>> kernel) {
    this.sendLimit = sendLimit;
    this.kernel = kernel;
  }

  /** Answers whatever is asked with these datagrams, once. */
  public static FakeTransport answering(Object... datagrams) {
    Deque<List<Object>> once = new ArrayDeque<>(List.of(List.of(datagrams)));
    return new FakeTransport(1 << 16, asked -> once.isEmpty() ? List.of() : once.poll());
  }

  /** Bytes in hexadecimal; blanks are for readers. */
  public static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
  }

  /** A little-endian netlink message. */
  public static byte[] message(int type, int flags, int sequence, byte[] body) {
    return ByteBuffer.allocate(16 + body.length)
        .order(ByteOrder.nativeOrder())
        .putInt(16 + body.length)
        .putShort((short) type)
        .putShort((short) flags)
        .putInt(sequence)
        .putInt(0)
        .put(body)
        .array();
  }

  /** NLMSG_ERROR with a capped original, for that errno; 0 acknowledges. */
  public static byte[] error(int sequence, int errno) {
    return message(
        Netlink.ERROR,
        Netlink.FLAG_CAPPED,
        sequence,
        ByteBuffer.allocate(20).order(ByteOrder.nativeOrder()).putInt(-errno).array());
  }

  /** Several messages in one datagram. */
  public static byte[] join(byte[]... messages) {
    int length = 0;
    for (byte[] message : messages) {
      length += message.length;
    }
    ByteBuffer joined = ByteBuffer.allocate(length);
    for (byte[] message : messages) {
      joined.put(message);
    }
    return joined.array();
  }

  /** What was sent, one element for each datagram. */
  public List<byte[]> sent() {
    return sent;
  }

  public boolean closed() {
    return closed;
  }

  @Override
  public int sendLimit() {
    return sendLimit;
  }

  @Override
  public int answerLimit() {
    return 100;
  }

  @Override
  public void send(ByteBuffer messages) {
    byte[] copy = new byte[messages.remaining()];
    messages.get(copy);
    sent.add(copy);
    answers.addAll(kernel.apply(ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder())));
  }

  @Override
  public ByteBuffer receive(Duration timeout) throws NetlinkException {
    Object answer = answers.poll();
    if (answer instanceof NetlinkException e) {
      throw e;
    }
    return answer == null ? null : ByteBuffer.wrap((byte[]) answer).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    closed = true;
  }
}
