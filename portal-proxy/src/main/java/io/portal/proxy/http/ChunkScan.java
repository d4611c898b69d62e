package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Follows a chunked body that passes as bytes, to know where it ends and that everybody finds the
 * same end (RFC 9112 7.1). Its event loop only.
 */
final class ChunkScan {

  /** These bytes are no chunks. */
  static final int REFUSED = -1;

  private static final int LINE_LIMIT = 1024;
  private static final int TRAILERS_LIMIT = 8 * 1024;
  private static final int SIZE_DIGITS = 15;

  private enum State {
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    END_LF,
    DONE
  }

  private State state = State.SIZE;
  private long left;
  private int digits;
  private int line;
  private int trailerBytes;
  private boolean behind;
  private @Nullable ByteBuf kept;

  /** Whether the last byte of the body was seen. */
  boolean done() {
    return state == State.DONE;
  }

  /**
   * Looks at what {@code in} holds to be read, which stays as it is.
   *
   * @return how many of these bytes are the body's; {@link #REFUSED}
   */
  int scan(ByteBuf in) {
    int at = in.readerIndex();
    int to = in.writerIndex();
    while (at < to && state != State.DONE) {
      if (state == State.DATA) {
        int step = (int) Math.min(left, to - at);
        at += step;
        left -= step;
        state = left == 0 ? State.DATA_CR : State.DATA;
      } else if (!framing(in.getByte(at++))) {
        return REFUSED;
      }
    }
    return at - in.readerIndex();
  }

  /**
   * As {@link #scan}, but keeps {@link #trailers} instead of counting them.
   *
   * @return how many of these bytes are the body's up to its trailers, or up to its end if it has
   *     none; {@link #REFUSED}
   */
  int scanBody(ByteBuf in) {
    int before = in.readerIndex();
    int at = before;
    int to = in.writerIndex();
    int passed = 0;
    while (at < to && state != State.DONE) {
      if (state == State.DATA) {
        int step = (int) Math.min(left, to - at);
        at += step;
        left -= step;
        state = left == 0 ? State.DATA_CR : State.DATA;
        continue;
      }
      byte b = in.getByte(at++);
      if (!framing(b)) {
        return REFUSED;
      }
      if (kept == null && state == State.TRAILER_NAME) {
        passed = at - 1 - before;
        keep(b);
      } else if (kept != null) {
        keep(b);
      }
    }
    behind = at < to;
    return kept == null ? at - before : passed;
  }

  /** Whether {@link #scanBody} found bytes behind the end of the body. */
  boolean behind() {
    return behind;
  }

  /**
   * Reads over framing up to the next data.
   *
   * @return how many bytes of data are to be read next, which count as read with that; 0 if there
   *     are none in {@code in}; {@link #REFUSED}
   */
  int data(ByteBuf in) {
    while (in.isReadable() && state != State.DONE) {
      if (state == State.DATA) {
        int step = (int) Math.min(left, in.readableBytes());
        left -= step;
        state = left == 0 ? State.DATA_CR : State.DATA;
        return step;
      }
      boolean trailing = state.compareTo(State.TRAILER_START) >= 0;
      byte b = in.readByte();
      if (!framing(b)) {
        return REFUSED;
      }
      if (trailing && (kept != null || state == State.TRAILER_NAME)) {
        keep(b);
      }
    }
    return 0;
  }

  private void keep(byte b) {
    ByteBuf lines = kept;
    if (lines == null) {
      lines = Unpooled.buffer().writeByte('\r').writeByte('\n');
      kept = lines;
    }
    lines.writeByte(b);
  }

  /** The lines that came after the data, after an empty one; null if there were none. */
  @Nullable ByteBuf trailers() {
    return kept;
  }

  private boolean framing(byte b) {
    switch (state) {
      case SIZE -> {
        int digit = Character.digit(b, 16);
        if (digit >= 0 && digits < SIZE_DIGITS) {
          left = left << 4 | digit;
          digits++;
          return true;
        }
        if (digits == 0 || digit >= 0) {
          return false;
        }
        line = 0;
        state = b == '\r' ? State.SIZE_LF : State.EXTENSION;
        return b == '\r' || b == ';' || b == ' ' || b == '\t';
      }
      case EXTENSION -> {
        state = b == '\r' ? State.SIZE_LF : state;
        return b == '\r' || Head.text(b) && ++line <= LINE_LIMIT;
      }
      case SIZE_LF -> {
        state = left == 0 ? State.TRAILER_START : State.DATA;
        digits = 0;
        return b == '\n';
      }
      case DATA_CR -> {
        state = State.DATA_LF;
        return b == '\r';
      }
      case DATA_LF -> {
        state = State.SIZE;
        return b == '\n';
      }
      default -> {
        return ++trailerBytes <= TRAILERS_LIMIT && trailer(b);
      }
    }
  }

  private boolean trailer(byte b) {
    switch (state) {
      case TRAILER_START -> {
        state = b == '\r' ? State.END_LF : State.TRAILER_NAME;
        return b == '\r' || Head.token(b);
      }
      case TRAILER_NAME -> {
        state = b == ':' ? State.TRAILER_VALUE : state;
        return b == ':' || Head.token(b);
      }
      case TRAILER_VALUE -> {
        state = b == '\r' ? State.TRAILER_LF : state;
        return b == '\r' || Head.text(b);
      }
      case TRAILER_LF -> {
        state = State.TRAILER_START;
        return b == '\n';
      }
      default -> {
        state = State.DONE;
        return b == '\n';
      }
    }
  }
}
