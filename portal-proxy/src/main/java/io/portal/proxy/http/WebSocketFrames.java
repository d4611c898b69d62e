package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Finds where the frames of a WebSocket end (RFC 6455 5.2) in bytes that come in any parts. Not
 * thread-safe.
 */
final class WebSocketFrames {

  private static final int CLOSE = 8;
  private static final int MASK_BYTES = 4;

  /** How many bytes of the present head were read; 0 between frames. */
  private int inHead;

  /** How many bytes the present head has, as far as known. */
  private int head = 2;

  private int lengthBytes;
  private long payload;
  private boolean closed;

  /** Whether the last frame is whole, and none has begun. */
  boolean between() {
    return inHead == 0 && payload == 0;
  }

  /** Whether a close frame was among them. */
  boolean closed() {
    return closed;
  }

  /**
   * Goes over a part, of which no index moves.
   *
   * @param toBoundary whether to stop where a frame ends
   * @return how many bytes were gone over
   */
  int scan(ByteBuf part, boolean toBoundary) {
    int from = part.readerIndex();
    int to = part.writerIndex();
    int at = from;
    while (at < to && !(toBoundary && between())) {
      if (payload > 0 && inHead == 0) {
        int mine = (int) Math.min(payload, to - at);
        payload -= mine;
        at += mine;
      } else {
        head(part.getByte(at++));
      }
    }
    return at - from;
  }

  private void head(byte next) {
    if (inHead == 0) {
      closed |= (next & 0x0f) == CLOSE;
      head = 2;
      lengthBytes = 0;
    } else if (inHead == 1) {
      int length = next & 0x7f;
      lengthBytes = length == 127 ? 8 : length == 126 ? 2 : 0;
      payload = lengthBytes == 0 ? length : 0;
      head += lengthBytes + (next < 0 ? MASK_BYTES : 0);
    } else if (inHead < 2 + lengthBytes) {
      payload = payload << 8 | next & 0xff;
    }
    inHead++;
    if (inHead == head) {
      inHead = 0;
    }
  }
}
