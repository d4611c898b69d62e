package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A status line and headers of a target's answer, and how its body ends (RFC 9112 6.3). */
final class ResponseHead extends Head {

  /** How a body ends. */
  enum Framing {
    NONE,
    LENGTH,
    CHUNKED,
    /** With the connection. */
    CLOSE,
    /** Nobody can say; the answer is to be refused. */
    UNCLEAR
  }

  private static final FastThreadLocal<ResponseHead> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected ResponseHead initialValue() {
          return new ResponseHead();
        }
      };

  private static final byte[] VERSION = ascii("HTTP/1.");
  private static final byte[] CONNECTION = ascii("connection");
  private static final byte[] CONTENT_LENGTH = ascii("content-length");
  private static final byte[] TRANSFER_ENCODING = ascii("transfer-encoding");
  private static final byte[] CHUNKED = ascii("chunked");

  private int status;
  private int versionEnd;
  private boolean reusable;
  private boolean coded;
  private boolean oldVersion;
  private long contentLength;
  private Framing framing = Framing.NONE;
  private List<String> hops = List.of();

  private ResponseHead() {}

  /** The one of this thread, which holds the head that was scanned last. */
  static ResponseHead ofThread() {
    return OF_THREAD.get();
  }

  @Override
  int startLine(int length) {
    for (int i = 0; i < VERSION.length; i++) {
      if (i == length) {
        return INCOMPLETE;
      }
      if (at(i) != VERSION[i]) {
        return refuse("version");
      }
    }
    // "HTTP/1.1 200"
    int at = VERSION.length + 5;
    if (length < at + 1) {
      return INCOMPLETE;
    }
    versionEnd = VERSION.length + 1;
    byte minor = at(VERSION.length);
    if (minor != '0' && minor != '1' || at(versionEnd) != ' ') {
      return refuse("version");
    }
    status = 0;
    for (int i = versionEnd + 1; i < at; i++) {
      int digit = at(i) - '0';
      if (digit < 0 || digit > 9) {
        return refuse("status");
      }
      status = status * 10 + digit;
    }
    if (status < 100 || at(at) != ' ' && at(at) != '\r') {
      return refuse("status");
    }
    oldVersion = minor == '0';
    reusable = !oldVersion;
    while (at < length && text(at(at))) {
      at++;
    }
    return lineEnd(at, length);
  }

  /**
   * Reads the headers of a scanned head.
   *
   * @param toHead whether it answers HEAD, so that no body follows whatever the headers say
   */
  void read(boolean toHead) {
    contentLength = -1;
    coded = false;
    hops = List.of();
    boolean clear = true;
    for (int i = 0; i < count(); i++) {
      switch (nameLength(i)) {
        case 10 -> {
          if (named(i, CONNECTION)) {
            connection(value(i));
          }
        }
        case 14 -> {
          if (named(i, CONTENT_LENGTH)) {
            long length = number(i);
            clear &= length >= 0 && contentLength < 0;
            contentLength = length;
          }
        }
        case 17 -> {
          if (named(i, TRANSFER_ENCODING)) {
            // RFC 9112 6.1: HTTP/1.0 knows no chunks, so their end is found by who is lenient.
            clear &= !coded && !oldVersion && valued(i, CHUNKED);
            coded = true;
          }
        }
        default -> {}
      }
    }
    framing = framing(toHead, clear);
    reusable &= framing != Framing.CLOSE;
  }

  private Framing framing(boolean toHead, boolean clear) {
    if (frameless()) {
      return Framing.NONE;
    }
    if (!clear) {
      return Framing.UNCLEAR;
    }
    if (toHead || status == 304) {
      return Framing.NONE;
    }
    if (coded) {
      return Framing.CHUNKED;
    }
    return contentLength >= 0 ? Framing.LENGTH : Framing.CLOSE;
  }

  /** Whether no header may frame it: it never has a body (RFC 9110 8.6, RFC 9112 6.1). */
  private boolean frameless() {
    return status < 200 || status == 204;
  }

  private void connection(String value) {
    for (String part : value.split(",", -1)) {
      String name = part.strip().toLowerCase(Locale.ROOT);
      if (name.equals("close")) {
        reusable = false;
      } else if (!name.isEmpty() && !name.equals("keep-alive")) {
        hops = hops.isEmpty() ? new ArrayList<>() : hops;
        hops.add(name);
      }
    }
  }

  int status() {
    return status;
  }

  Framing framing() {
    return framing;
  }

  long contentLength() {
    return contentLength;
  }

  /** Whether the target leaves its connection open. */
  boolean reusable() {
    return reusable;
  }

  /** The head as HTTP/2 has it. */
  Http2Headers headers() {
    return headers(HttpResponseStatus.valueOf(status).codeAsText());
  }

  /** The head as HTTP/2 has it, with another header. */
  Http2Headers headers(AsciiString name, AsciiString value) {
    return headers(HttpResponseStatus.valueOf(status).codeAsText(), name, value);
  }

  /** Writes the status line and the headers that pass. */
  void forward(ByteBuf out) {
    out.writeBytes(VERSION).writeByte('1');
    copyPassing(out, versionEnd);
  }

  @Override
  boolean passes(int header) {
    int length = nameLength(header);
    if (length == CONTENT_LENGTH.length && named(header, CONTENT_LENGTH)) {
      // Chunks go before a length (RFC 9112 6.3); a client must not see both.
      return !frameless() && (!coded || status == 304);
    }
    if (length == TRANSFER_ENCODING.length && named(header, TRANSFER_ENCODING)) {
      return !frameless() && status != 304;
    }
    if (hops.isEmpty() && !Forwarding.mayBeOfOneHop(length)) {
      return true;
    }
    String name = name(header).toLowerCase(Locale.ROOT);
    return !Forwarding.ofOneHop(name) && !hops.contains(name);
  }
}
