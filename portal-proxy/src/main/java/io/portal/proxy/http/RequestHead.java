package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A request's line and headers, and whether they are plain enough to pass as bytes. */
final class RequestHead extends Head {

  private static final FastThreadLocal<RequestHead> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected RequestHead initialValue() {
          return new RequestHead();
        }
      };

  /** Names of codings, the last of which, and no other, is chunked. */
  private static final Pattern CODINGS =
      Pattern.compile(
          "(?i)(?!chunked[ \\t]*,)[a-z0-9_-]+([ \\t]*,[ \\t]*(?!chunked[ \\t]*,)[a-z0-9_-]+)*"
              + "(?<=[, \\t]chunked)");

  /** Each 0 stands for any digit. */
  private static final byte[] VERSION = ascii("HTTP/0.0");

  private static final byte[] END = ascii("\r\n\r\n");
  private static final byte[] HOST = ascii("host");
  private static final byte[] CONNECTION = ascii("connection");
  private static final byte[] CONTENT_LENGTH = ascii("content-length");
  private static final byte[] TRANSFER_ENCODING = ascii("transfer-encoding");
  private static final byte[] CHUNKED = ascii("chunked");
  private static final byte[] KEEP_ALIVE = ascii("keep-alive");
  private static final byte[] CLOSE = ascii("close");
  private static final byte[] CONNECT = ascii("CONNECT");

  /** Headers that ask for more than passing bytes on. */
  private static final byte[][] SPECIAL = {
    ascii("te"),
    ascii("expect"),
    ascii("upgrade"),
    ascii("keep-alive"),
    ascii("transfer-encoding"),
    ascii("proxy-connection"),
    ascii("http2-settings"),
    ascii("forwarded")
  };

  /** The same, by the start of their names; all begin with this letter. */
  private static final byte[][] SPECIAL_PREFIXES = {
    ascii("x-forwarded-"), ascii("x-real-ip"), ascii("x-http2-")
  };

  private static final byte SPECIAL_LETTER = 'x';

  private static final int LONGEST_SPECIAL = 17;
  private static final long SPECIAL_LENGTHS = lengths();

  /** Longer than any registered method's name (RFC 9110 16.1.1), in bytes. */
  static final int METHOD_LIMIT = 32;

  private int uriLimit = Integer.MAX_VALUE;
  private int methodEnd;
  private int targetEnd;
  private byte minor;
  private int host;
  private int connection;
  private boolean keepAlive;
  private boolean dropUnderscores;
  private long contentLength;
  private boolean chunked;

  private RequestHead() {}

  /** The one of this thread, which holds the head that was scanned last. */
  static RequestHead ofThread() {
    return OF_THREAD.get();
  }

  private static long lengths() {
    long set = 0;
    for (byte[] name : SPECIAL) {
      set |= 1L << name.length;
    }
    return set;
  }

  /** Reads over empty lines before a request line, which are to be ignored (RFC 9112 2.2). */
  static void skipEmptyLines(ByteBuf in) {
    int at = in.readerIndex();
    while (in.writerIndex() - at >= 2 && in.getByte(at) == '\r' && in.getByte(at + 1) == '\n') {
      at += 2;
    }
    in.readerIndex(at);
  }

  /** As {@link #scan(ByteBuf, int)}, with a limit for the request's target. */
  int scan(ByteBuf in, Limits limits) {
    uriLimit = limits.uri();
    return scan(in, limits.head());
  }

  @Override
  int startLine(int length) {
    int at = 0;
    while (at < length && token(at(at))) {
      at++;
    }
    if (at > METHOD_LIMIT) {
      return refuse(HttpResponseStatus.NOT_IMPLEMENTED, "method too long");
    }
    if (at == length || length == 1 && at(0) == '\r') {
      return INCOMPLETE;
    }
    methodEnd = at;
    if (at == 0 || at(at) != ' ') {
      return refuse(at == 0 ? "request line" : "method");
    }
    int target = ++at;
    while (at < length && at(at) > ' ' && at(at) != 0x7f) {
      at++;
    }
    if (at - target > uriLimit) {
      return refuse(OwnAnswer.URI_TOO_LONG, "request target too long");
    }
    if (at == length) {
      return INCOMPLETE;
    }
    if (at == target || at(at) != ' ') {
      return refuse("request target");
    }
    targetEnd = at++;
    for (byte expected : VERSION) {
      if (at == length) {
        return INCOMPLETE;
      }
      byte b = at(at++);
      if (expected == '0' ? b < '0' || b > '9' : b != expected) {
        return refuse("version");
      }
    }
    minor = at(at - 1);
    int next = lineEnd(at, length);
    return next > 0 && (at(at - 3) != '1' || minor > '1')
        ? refuse(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED, "version")
        : next;
  }

  /**
   * Whether everybody finds the same end of the body (RFC 9112 6.3): by one length, by chunks
   * alone, or because there is none. Else {@link #refusal()} says what to answer.
   */
  boolean framed() {
    int framings = 0;
    boolean clear = true;
    chunked = false;
    for (int i = 0; i < count(); i++) {
      if (named(i, CONTENT_LENGTH)) {
        framings++;
        clear &= number(i) >= 0;
      } else if (named(i, TRANSFER_ENCODING)) {
        framings++;
        chunked = minor == '1' && valued(i, CHUNKED);
        clear &= chunked;
      }
    }
    boolean framed = clear && framings <= 1;
    if (!framed) {
      boolean coded = framings == 1 && minor == '1' && unknownCoding();
      refuse(
          coded ? HttpResponseStatus.NOT_IMPLEMENTED : HttpResponseStatus.BAD_REQUEST, "framing");
    }
    return framed;
  }

  /** Whether the body has an end that chunks tell, below a coding that we do not know (6.1). */
  private boolean unknownCoding() {
    for (int i = 0; i < count(); i++) {
      if (named(i, TRANSFER_ENCODING)) {
        return CODINGS.matcher(value(i)).matches();
      }
    }
    return false;
  }

  /** Whether the body of a framed request is in chunks. */
  boolean chunked() {
    return chunked;
  }

  /**
   * Whether the request means nothing but: pass me on. Whatever is not plain goes the way of the
   * codecs, which know all of HTTP and what to refuse; so this may be as narrow as it likes.
   */
  boolean plain() {
    host = -1;
    connection = -1;
    keepAlive = true;
    contentLength = -1;
    if (minor != '1' || at(methodEnd + 1) != '/' || is(CONNECT)) {
      return false;
    }
    for (int i = 0; i < count(); i++) {
      if (!plain(i)) {
        return false;
      }
    }
    return host >= 0;
  }

  private boolean plain(int header) {
    switch (nameLength(header)) {
      case 4 -> {
        if (named(header, HOST)) {
          if (host >= 0) {
            return false;
          }
          host = header;
        }
      }
      case 10 -> {
        if (named(header, CONNECTION)) {
          keepAlive = valued(header, KEEP_ALIVE);
          if (connection >= 0 || !keepAlive && !valued(header, CLOSE)) {
            return false;
          }
          connection = header;
        }
      }
      case 14 -> {
        if (named(header, CONTENT_LENGTH)) {
          if (contentLength >= 0) {
            return false;
          }
          contentLength = number(header);
          if (contentLength < 0) {
            return false;
          }
        }
      }
      default -> {}
    }
    return !special(header);
  }

  private boolean special(int header) {
    int length = nameLength(header);
    if (length <= LONGEST_SPECIAL && (SPECIAL_LENGTHS >>> length & 1) != 0) {
      for (byte[] name : SPECIAL) {
        if (name.length == length && named(header, name)) {
          return true;
        }
      }
    }
    if ((at(lineStart(header)) | 0x20) == SPECIAL_LETTER) {
      for (byte[] prefix : SPECIAL_PREFIXES) {
        if (startsWith(header, prefix)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean is(byte[] method) {
    if (methodEnd != method.length) {
      return false;
    }
    for (int i = 0; i < method.length; i++) {
      if (at(i) != method[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  boolean passes(int header) {
    return header != connection && !(dropUnderscores && underscored(header));
  }

  String method() {
    return text(0, methodEnd);
  }

  String target() {
    return text(methodEnd + 1, targetEnd);
  }

  /** The Host header of a plain request. */
  String authority() {
    return value(host);
  }

  /** Whether a plain request leaves its connection open. */
  boolean keepAlive() {
    return keepAlive;
  }

  /** How long a plain request's body is. */
  long contentLength() {
    return Math.max(contentLength, 0);
  }

  /**
   * The head as a target gets it.
   *
   * @param path of the request line; null for the target as it came
   * @param about lines to add, up to the value of the last one
   * @param authority that value
   * @param underscores whether headers pass that have an underscore in their name
   */
  ByteBuf forward(
      ByteBufAllocator alloc,
      @Nullable String path,
      byte[] about,
      String authority,
      boolean underscores) {
    int more = about.length + authority.length() + END.length + (path == null ? 0 : path.length());
    ByteBuf out = alloc.ioBuffer(linesEnd() + more);
    int from = 0;
    if (path != null) {
      copy(out, 0, methodEnd + 1);
      out.writeCharSequence(path, StandardCharsets.ISO_8859_1);
      from = targetEnd;
    }
    dropUnderscores = !underscores && underscored();
    copyPassing(out, from);
    out.writeBytes(about);
    out.writeCharSequence(authority, StandardCharsets.ISO_8859_1);
    return out.writeBytes(END);
  }
}
