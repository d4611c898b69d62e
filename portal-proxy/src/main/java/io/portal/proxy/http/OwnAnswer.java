package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Date;

/** The answers that come from no target, whole, for HTTP/1.1 and its codec. Stateless. */
final class OwnAnswer {

  /** The media type of all that is no page of a route. */
  static final String TEXT = "text/plain; charset=utf-8";

  /** RFC 9110 15.5.15, by its name there. */
  static final HttpResponseStatus URI_TOO_LONG = new HttpResponseStatus(414, "URI Too Long");

  private OwnAnswer() {}

  /** The page of a status that has none of its own. */
  static byte[] page(HttpResponseStatus status) {
    return Head.ascii(status.reasonPhrase() + "\n");
  }

  /** The time as RFC 9110 6.6.1 wants it in what we say ourselves. */
  static String date() {
    return DateFormatter.format(new Date());
  }

  /** As a message; its headers may be added to. */
  static FullHttpResponse message(
      HttpResponseStatus status, byte[] page, String type, boolean toHead) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.DATE, date());
    headers.set(HttpHeaderNames.CONTENT_TYPE, type);
    headers.set(HttpHeaderNames.CONTENT_LENGTH, page.length);
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1,
        status,
        toHead ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(page),
        headers,
        EmptyHttpHeaders.INSTANCE);
  }

  /** As bytes, of {@link #TEXT}. */
  static ByteBuf bytes(HttpResponseStatus status, byte[] page, boolean keepAlive, boolean toHead) {
    StringBuilder lines = new StringBuilder(160);
    lines.append("HTTP/1.1 ").append(status.code()).append(' ').append(status.reasonPhrase());
    lines.append("\r\ndate: ").append(date());
    lines.append("\r\ncontent-type: ").append(TEXT).append("\r\ncontent-length: ");
    lines.append(page.length);
    lines.append(keepAlive ? "\r\n\r\n" : "\r\nconnection: close\r\n\r\n");
    byte[] bytes = Head.ascii(lines.toString());
    return toHead ? Unpooled.wrappedBuffer(bytes) : Unpooled.wrappedBuffer(bytes, page);
  }
}
