package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/1 message, judged and indexed in one pass over its bytes, by RFC 9112 without
 * its leniency: every line ends in CRLF (2.2), no white space around a header's name (5.1), no
 * folded lines (5.2), no control characters (RFC 9110 5.5). Filled again for each message; one
 * thread's.
 */
abstract class Head {

  /** The end of the head has not come yet. */
  static final int INCOMPLETE = 0;

  /** These bytes are no head that everybody reads alike; {@link #fault()} says why. */
  static final int REFUSED = -1;

  private static final int NAME = 0;
  private static final int COLON = 1;
  private static final int VALUE = 2;
  private static final int VALUE_END = 3;
  private static final int STRIDE = 4;

  private static final byte OF_TOKENS = 1;
  private static final byte UNDERSCORE = 2;
  private static final byte[] TOKEN = new byte[256];
  private static final boolean[] TEXT = new boolean[256];

  static {
    for (int b = 0; b < 256; b++) {
      // RFC 9110 5.6.2: tchar
      boolean token =
          b >= 'a' && b <= 'z'
              || b >= 'A' && b <= 'Z'
              || b >= '0' && b <= '9'
              || b > 0 && "!#$%&'*+-.^_`|~".indexOf(b) >= 0;
      TOKEN[b] = b == '_' ? UNDERSCORE : token ? OF_TOKENS : 0;
      TEXT[b] = b == '\t' || b >= ' ' && b != 0x7f;
    }
  }

  private static final HttpResponseStatus TOO_LARGE =
      HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
  private static final byte[] TRANSFER_ENCODING = ascii("transfer-encoding");

  private byte[] bytes = new byte[4096];
  private int[] lines = new int[32 * STRIDE];
  private int count;
  private int end;
  private boolean underscores;
  private @Nullable String fault;
  private HttpResponseStatus status = HttpResponseStatus.BAD_REQUEST;

  /**
   * Reads a head that starts where {@code in} is read next; {@code in} stays as it is.
   *
   * @param limit of the head's bytes
   * @return how many bytes the head has with its empty line; {@link #INCOMPLETE} or {@link
   *     #REFUSED}
   */
  final int scan(ByteBuf in, int limit) {
    int length = Math.min(in.readableBytes(), limit);
    if (bytes.length < length) {
      bytes = new byte[Math.max(length, Math.min(limit, bytes.length * 4))];
    }
    in.getBytes(in.readerIndex(), bytes, 0, length);
    fault = null;
    underscores = false;
    count = 0;
    int at = startLine(length);
    while (at > 0 && at < length && bytes[at] != '\r') {
      at = header(at, length);
    }
    end = at;
    if (at > 0 && at + 1 < length) {
      return bytes[at + 1] == '\n' ? at + 2 : refuse("bare CR");
    }
    return at >= 0 && in.readableBytes() > limit
        ? refuse(TOO_LARGE, "head too large")
        : Math.min(at, 0);
  }

  /**
   * Judges the first line.
   *
   * @return index after it; {@link #INCOMPLETE} or {@link #REFUSED}
   */
  abstract int startLine(int length);

  private int header(int from, int length) {
    int at = from;
    int kinds = 0;
    for (int kind = 1; at < length && (kind = TOKEN[bytes[at] & 0xff]) != 0; at++) {
      kinds |= kind;
    }
    underscores |= (kinds & UNDERSCORE) != 0;
    if (at == length) {
      return INCOMPLETE;
    }
    if (bytes[at] != ':' || at == from) {
      return refuse(bytes[at] == ':' ? "header without a name" : "header name");
    }
    int colon = at++;
    while (at < length && blank(bytes[at])) {
      at++;
    }
    int value = at;
    while (at < length && TEXT[bytes[at] & 0xff]) {
      at++;
    }
    int next = lineEnd(at, length);
    if (next > 0) {
      while (at > value && blank(bytes[at - 1])) {
        at--;
      }
      keep(from, colon, value, at);
    }
    return next;
  }

  /** Index after the CRLF that must stand here. */
  final int lineEnd(int at, int length) {
    if (at >= length) {
      return INCOMPLETE;
    }
    if (bytes[at] != '\r') {
      return refuse(bytes[at] == '\n' ? "bare LF" : "control character");
    }
    if (at + 1 == length) {
      return INCOMPLETE;
    }
    return bytes[at + 1] == '\n' ? at + 2 : refuse("bare CR");
  }

  private void keep(int name, int colon, int value, int valueEnd) {
    int slot = count++ * STRIDE;
    if (slot == lines.length) {
      lines = Arrays.copyOf(lines, slot * 2);
    }
    lines[slot + NAME] = name;
    lines[slot + COLON] = colon;
    lines[slot + VALUE] = value;
    lines[slot + VALUE_END] = valueEnd;
  }

  private static boolean blank(byte b) {
    return b == ' ' || b == '\t';
  }

  final int refuse(String why) {
    return refuse(HttpResponseStatus.BAD_REQUEST, why);
  }

  final int refuse(HttpResponseStatus with, String why) {
    status = with;
    fault = why;
    return REFUSED;
  }

  /** What a request is answered with whose bytes were refused. */
  final HttpResponseStatus refusal() {
    return status;
  }

  /** Why the last bytes were refused; null if they were not. */
  final @Nullable String fault() {
    return fault;
  }

  static boolean token(byte b) {
    return TOKEN[b & 0xff] != 0;
  }

  static boolean text(byte b) {
    return TEXT[b & 0xff];
  }

  final byte at(int index) {
    return bytes[index];
  }

  final String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** How many headers there are. */
  final int count() {
    return count;
  }

  final int nameLength(int header) {
    return lines[header * STRIDE + COLON] - lines[header * STRIDE + NAME];
  }

  final String name(int header) {
    return text(lines[header * STRIDE + NAME], lines[header * STRIDE + COLON]);
  }

  final String value(int header) {
    return text(lines[header * STRIDE + VALUE], lines[header * STRIDE + VALUE_END]);
  }

  /** Whether a header's name is this one, given in lower case. */
  final boolean named(int header, byte[] name) {
    return same(lines[header * STRIDE + NAME], lines[header * STRIDE + COLON], name);
  }

  /** Whether a header's value is this one, given in lower case. */
  final boolean valued(int header, byte[] value) {
    return same(lines[header * STRIDE + VALUE], lines[header * STRIDE + VALUE_END], value);
  }

  /** Whether a header's name starts so, given in lower case. */
  final boolean startsWith(int header, byte[] prefix) {
    int from = lines[header * STRIDE + NAME];
    return nameLength(header) >= prefix.length && same(from, from + prefix.length, prefix);
  }

  /** Whether any header has an underscore in its name. */
  final boolean underscored() {
    return underscores;
  }

  /** Whether a header has an underscore in its name. */
  final boolean underscored(int header) {
    boolean found = false;
    if (underscores) {
      for (int i = lines[header * STRIDE + NAME]; i < lines[header * STRIDE + COLON]; i++) {
        found |= bytes[i] == '_';
      }
    }
    return found;
  }

  private boolean same(int from, int to, byte[] lowerCase) {
    if (to - from != lowerCase.length) {
      return false;
    }
    for (int i = 0; i < lowerCase.length; i++) {
      byte b = bytes[from + i];
      if ((b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b) != lowerCase[i]) {
        return false;
      }
    }
    return true;
  }

  /** A header's value as a count of bytes; -1 if it is none (RFC 9110 8.6: digits only). */
  final long number(int header) {
    int from = lines[header * STRIDE + VALUE];
    int to = lines[header * STRIDE + VALUE_END];
    if (from == to || to - from > 18) {
      return -1;
    }
    long number = 0;
    for (int i = from; i < to; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  /** Where a header's line starts. */
  final int lineStart(int header) {
    return lines[header * STRIDE + NAME];
  }

  /** Where the lines of the headers end and the empty line starts. */
  final int linesEnd() {
    return end;
  }

  /** Writes a part of the head as it came. */
  final void copy(ByteBuf out, int from, int to) {
    if (to > from) {
      out.writeBytes(bytes, from, to - from);
    }
  }

  /** Writes the head from here on as it came, but for headers that do not pass. */
  final void copyPassing(ByteBuf out, int start) {
    int from = start;
    for (int i = 0; i < count; i++) {
      if (!passes(i)) {
        copy(out, from, lineStart(i));
        from = i + 1 < count ? lineStart(i + 1) : end;
      }
    }
    copy(out, from, end);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether a header goes on to the next hop. */
  boolean passes(int header) {
    return true;
  }

  /** A header's name in lower case. */
  final AsciiString lowerName(int header) {
    int from = lines[header * STRIDE + NAME];
    byte[] name = Arrays.copyOfRange(bytes, from, lines[header * STRIDE + COLON]);
    for (int i = 0; i < name.length; i++) {
      name[i] += name[i] >= 'A' && name[i] <= 'Z' ? 'a' - 'A' : 0;
    }
    return new AsciiString(name, false);
  }

  /**
   * The headers that pass, as HTTP/2 has them.
   *
   * @param status null in trailers
   * @param more names and values to add
   */
  final Http2Headers headers(@Nullable AsciiString status, AsciiString... more) {
    AsciiString[] pairs = new AsciiString[count * 2 + more.length];
    int used = 0;
    for (int i = 0; i < count; i++) {
      if (passes(i) && !named(i, TRANSFER_ENCODING)) {
        pairs[used++] = lowerName(i);
        int value = lines[i * STRIDE + VALUE];
        pairs[used++] =
            new AsciiString(Arrays.copyOfRange(bytes, value, lines[i * STRIDE + VALUE_END]), false);
      }
    }
    for (AsciiString text : more) {
      pairs[used++] = text;
    }
    AsciiString[] others = used == pairs.length ? pairs : Arrays.copyOf(pairs, used);
    return status == null
        ? ReadOnlyHttp2Headers.trailers(false, others)
        : ReadOnlyHttp2Headers.serverHeaders(false, status, others);
  }
}
