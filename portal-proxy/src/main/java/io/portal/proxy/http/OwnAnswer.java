package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;

/** The answers that come from no target, whole, for HTTP/1.1 and its codec. Stateless. */
final class OwnAnswer {

  /** The media type of all that is no page of a route. */
  static final String TEXT = "text/plain; charset=utf-8";

  static final byte[] BAD_REQUEST = Head.ascii("Bad Request\n");
  static final byte[] BAD_GATEWAY = Head.ascii("Bad Gateway\n");
  static final byte[] GATEWAY_TIMEOUT = Head.ascii("Gateway Timeout\n");

  private OwnAnswer() {}

  /** As a message; its headers may be added to. */
  static FullHttpResponse message(
      HttpResponseStatus status, byte[] page, String type, boolean toHead) {
    HttpHeaders headers = new DefaultHttpHeaders();
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
    lines.append("\r\ncontent-type: ").append(TEXT).append("\r\ncontent-length: ");
    lines.append(page.length);
    lines.append(keepAlive ? "\r\n\r\n" : "\r\nconnection: close\r\n\r\n");
    byte[] bytes = Head.ascii(lines.toString());
    return toHead ? Unpooled.wrappedBuffer(bytes) : Unpooled.wrappedBuffer(bytes, page);
  }
}
