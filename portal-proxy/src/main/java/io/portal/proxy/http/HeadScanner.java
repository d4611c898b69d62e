package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Judges the bytes of a request's head before they are parsed, by RFC 9112 without its leniency:
 * every line ends in CRLF (2.2), no white space around a header's name (5.1), no folded lines
 * (5.2), no control characters (RFC 9110 5.5). Stateless.
 */
final class HeadScanner {

  private static final int INCOMPLETE = -1;

  private HeadScanner() {}

  /** Index after the empty line that ends the head; -1 if it is not there yet. */
  static int end(ByteBuf in) {
    int from = in.readerIndex();
    int to = in.writerIndex();
    while (true) {
      int line = in.indexOf(from, to, (byte) '\n');
      if (line < 0) {
        return INCOMPLETE;
      }
      // A bare LF counts as an end here: the head is complete, and refused.
      int next = line + 1;
      if (next < to && in.getByte(next) == '\n') {
        return next + 1;
      }
      if (next + 1 < to && in.getByte(next) == '\r' && in.getByte(next + 1) == '\n') {
        return next + 2;
      }
      from = next;
    }
  }

  /**
   * Why these bytes are no head that everybody reads alike; null if they are one.
   *
   * @param end index after the head's empty line
   */
  static @Nullable String fault(ByteBuf in, int end, int uriLimit) {
    int line = in.readerIndex();
    int cr = lineEnd(in, line, end);
    if (cr < 0) {
      return "bare CR or LF";
    }
    String fault = requestLine(in, line, cr, uriLimit);
    while (fault == null) {
      line = cr + 2;
      cr = lineEnd(in, line, end);
      if (cr < 0) {
        return "bare CR or LF";
      }
      if (cr == line) {
        return line + 2 == end ? null : "bytes after the head";
      }
      fault = header(in, line, cr);
    }
    return fault;
  }

  private static int lineEnd(ByteBuf in, int from, int end) {
    int cr = in.indexOf(from, end, (byte) '\r');
    if (cr < 0 || cr + 1 >= end || in.getByte(cr + 1) != '\n') {
      return INCOMPLETE;
    }
    int lf = in.indexOf(from, cr, (byte) '\n');
    return lf < 0 ? cr : INCOMPLETE;
  }

  private static @Nullable String requestLine(ByteBuf in, int from, int to, int uriLimit) {
    int first = in.indexOf(from, to, (byte) ' ');
    int second = first < 0 ? -1 : in.indexOf(first + 1, to, (byte) ' ');
    if (first <= from || second <= first + 1 || in.indexOf(second + 1, to, (byte) ' ') >= 0) {
      return "request line";
    }
    for (int i = from; i < first; i++) {
      if (!token(in.getByte(i))) {
        return "method";
      }
    }
    for (int i = first + 1; i < second; i++) {
      int b = in.getByte(i);
      if (b <= ' ' || b == 0x7f) {
        return "request target";
      }
    }
    if (second - first - 1 > uriLimit) {
      return "request target too long";
    }
    // HTTP/1.0 or HTTP/1.1
    return to - second - 1 == 8
            && in.getByte(second + 1) == 'H'
            && in.getByte(second + 2) == 'T'
            && in.getByte(second + 3) == 'T'
            && in.getByte(second + 4) == 'P'
            && in.getByte(second + 5) == '/'
            && in.getByte(second + 6) == '1'
            && in.getByte(second + 7) == '.'
            && (in.getByte(second + 8) == '1' || in.getByte(second + 8) == '0')
        ? null
        : "version";
  }

  private static @Nullable String header(ByteBuf in, int from, int to) {
    int colon = in.indexOf(from, to, (byte) ':');
    if (colon <= from) {
      return "header without a name";
    }
    for (int i = from; i < colon; i++) {
      if (!token(in.getByte(i))) {
        return "header name";
      }
    }
    for (int i = colon + 1; i < to; i++) {
      int b = in.getByte(i) & 0xff;
      if (b < ' ' && b != '\t' || b == 0x7f) {
        return "control character in a header";
      }
    }
    return null;
  }

  /** RFC 9110 5.6.2: tchar. */
  static boolean token(int b) {
    return b >= 'a' && b <= 'z'
        || b >= 'A' && b <= 'Z'
        || b >= '0' && b <= '9'
        || b > 0 && "!#$%&'*+-.^_`|~".indexOf(b) >= 0;
  }
}
