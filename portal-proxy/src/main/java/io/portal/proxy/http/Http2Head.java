package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/2 request that is plain enough to pass as bytes, written as one of HTTP/1.1.
 * What is not plain goes the way of the codecs, so this may be as narrow as it likes. Immutable.
 *
 * @param contentLength of the body; 0 for none
 */
record Http2Head(Http2Headers headers, String method, RequestGuard guard, long contentLength) {

  private static final AsciiString COOKIE = AsciiString.cached("cookie");
  private static final AsciiString PROTOCOL = Http2Headers.PseudoHeaderName.PROTOCOL.value();
  private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");

  /** Headers that ask for more than passing on, and those that HTTP/2 forbids (RFC 9113 8.2.2). */
  private static final Set<String> SPECIAL =
      Set.of(
          "host",
          "te",
          "expect",
          "upgrade",
          "connection",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "http2-settings",
          "forwarded");

  private static final long SPECIAL_LENGTHS =
      SPECIAL.stream().mapToLong(name -> 1L << name.length()).reduce(0, (a, b) -> a | b);

  /**
   * Takes a head apart.
   *
   * @param end whether no body follows
   * @param uriLimit of the path's bytes
   * @return null if it is not plain
   */
  static @Nullable Http2Head of(
      Http2Headers headers, boolean end, int uriLimit, ForwardingOptions options) {
    CharSequence method = headers.method();
    CharSequence path = headers.path();
    CharSequence authority = headers.authority();
    if (method == null
        || path == null
        || authority == null
        || !method(method)
        || !scheme(headers.scheme())
        || !visible(path)
        || path.charAt(0) != '/'
        || path.length() > uriLimit
        || "CONNECT".contentEquals(method)
        || !plain(headers)) {
      return null;
    }
    long length = length(headers, end);
    RequestGuard guard = RequestGuard.of(authority.toString(), path.toString(), options);
    return length < 0 || guard == null
        ? null
        : new Http2Head(headers, method.toString(), guard, length);
  }

  private static boolean plain(Http2Headers headers) {
    for (Map.Entry<CharSequence, CharSequence> header : headers) {
      CharSequence name = header.getKey();
      int length = name.length();
      if (length == 0
          || (name.charAt(0) == ':' ? name.equals(PROTOCOL) : !token(name))
          || !text(header.getValue())
          || length < Long.SIZE
              && (SPECIAL_LENGTHS >>> length & 1) != 0
              && SPECIAL.contains(name.toString())
          || name.charAt(0) == 'x' && ofCodecs(name.toString())) {
        return false;
      }
    }
    return true;
  }

  private static boolean ofCodecs(String name) {
    return Forwarding.ofAStream(name) || Forwarding.aboutClient(name);
  }

  /** How long the body is; -1 if only its end tells. */
  private static long length(Http2Headers headers, boolean end) {
    CharSequence value = headers.get(CONTENT_LENGTH);
    if (value == null) {
      return end ? 0 : -1;
    }
    long length = headers.getAll(CONTENT_LENGTH).size() > 1 ? -1 : number(value);
    // What has a body is not done before its end is there, and what has none ends at once.
    return end == (length == 0) ? length : -1;
  }

  /** A count of bytes; -1 if it is none (RFC 9110 8.6: digits only). */
  static long number(CharSequence value) {
    if (value.length() == 0 || value.length() > 18) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < value.length(); i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  static boolean method(@Nullable CharSequence method) {
    return method != null && method.length() <= RequestHead.METHOD_LIMIT && token(method);
  }

  static boolean scheme(@Nullable CharSequence scheme) {
    return scheme != null
        && (AsciiString.contentEqualsIgnoreCase("http", scheme)
            || AsciiString.contentEqualsIgnoreCase("https", scheme));
  }

  static boolean token(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > 0x7f || !Head.token((byte) c)) {
        return false;
      }
    }
    return text.length() > 0;
  }

  /**
   * Whether a header may have this value, which has no white space at its ends (RFC 9113 8.2.1).
   */
  static boolean text(CharSequence text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c > 0xff || !Head.text((byte) c)) {
        return false;
      }
    }
    return length == 0 || text.charAt(0) > ' ' && text.charAt(length - 1) > ' ';
  }

  /** Whether there is something, and all of it can be seen. */
  static boolean visible(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) <= ' ' || text.charAt(i) >= 0x7f) {
        return false;
      }
    }
    return text.length() > 0;
  }

  /** How many bytes {@link #forward} writes at most, without its path. */
  int length() {
    int length = method.length() + guard.authority().length() + 32;
    for (Map.Entry<CharSequence, CharSequence> header : headers) {
      length += header.getKey().length() + header.getValue().length() + 4;
    }
    return length;
  }

  /**
   * Writes the request line with this path, and the headers, without the empty line.
   *
   * @param underscores whether headers pass that have an underscore in their name
   */
  void forward(ByteBuf out, String path, boolean underscores) {
    write(out, method);
    out.writeByte(' ');
    write(out, path);
    write(out, " HTTP/1.1\r\nhost: ");
    write(out, guard.authority());
    StringBuilder cookies = null;
    for (Map.Entry<CharSequence, CharSequence> header : headers) {
      CharSequence name = header.getKey();
      if (name.charAt(0) == ':' || !underscores && AsciiString.indexOf(name, '_', 0) >= 0) {
        continue;
      }
      if (COOKIE.contentEquals(name)) {
        // RFC 9113 8.2.3: the crumbs are one header again.
        cookies = cookies == null ? new StringBuilder() : cookies.append("; ");
        cookies.append(header.getValue());
      } else {
        header(out, name, header.getValue());
      }
    }
    if (cookies != null) {
      header(out, COOKIE, cookies);
    }
    out.writeByte('\r').writeByte('\n');
  }

  private static void header(ByteBuf out, CharSequence name, CharSequence value) {
    out.writeByte('\r').writeByte('\n');
    write(out, name);
    out.writeByte(':').writeByte(' ');
    write(out, value);
  }

  private static void write(ByteBuf out, CharSequence text) {
    if (text instanceof AsciiString ascii) {
      out.writeBytes(ascii.array(), ascii.arrayOffset(), ascii.length());
    } else {
      out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    }
  }
}
