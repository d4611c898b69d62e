package io.portal.proxy.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** The heads of requests and answers as the next hop gets them. Stateless. */
final class ForwardedMessage {

  private static final HttpVersion VERSION = HttpVersion.HTTP_1_1;

  private ForwardedMessage() {}

  /**
   * A request's.
   *
   * @param client who asked
   * @param authority that the client named
   * @param upgrade the protocol to change to; null for none
   * @param bare whether no body comes behind it
   */
  static HttpRequest request(
      HttpRequest from,
      ClientSide client,
      String authority,
      String path,
      @Nullable String upgrade,
      boolean bare) {
    HttpHeaders headers = Forwarding.endToEnd(from);
    headers.set(HttpHeaderNames.HOST, authority);
    if (!client.options().underscores()) {
      Forwarding.withoutUnderscores(headers);
    }
    client.describe(headers, authority);
    if (client.options().via()) {
      Forwarding.via(headers, from);
    }
    if (upgrade != null) {
      upgrade(headers, upgrade);
    }
    return bare
        ? new DefaultFullHttpRequest(
            VERSION, from.method(), path, Unpooled.EMPTY_BUFFER, headers, EmptyHttpHeaders.INSTANCE)
        : new DefaultHttpRequest(VERSION, from.method(), path, headers);
  }

  /** A 1xx: whole, or the encoders take the answer that comes behind it for its body. */
  static HttpResponse interim(HttpResponse from) {
    HttpHeaders headers = Forwarding.endToEnd(from);
    frameless(headers);
    return new DefaultFullHttpResponse(
        VERSION, from.status(), Unpooled.EMPTY_BUFFER, headers, EmptyHttpHeaders.INSTANCE);
  }

  /** A final answer's; its headers may be added to. */
  static HttpResponse answer(HttpResponse from) {
    HttpHeaders headers = Forwarding.endToEnd(from);
    Forwarding.via(headers, from);
    if (from.status().code() == 204) {
      frameless(headers);
    }
    return from instanceof FullHttpResponse whole
        // As one, as it came: gRPC takes a head that is no end for one that messages follow.
        ? new DefaultFullHttpResponse(
            VERSION, from.status(), whole.content(), headers, whole.trailingHeaders())
        : new DefaultHttpResponse(VERSION, from.status(), headers);
  }

  /** What never has a body has no header that frames one (RFC 9110 8.6, RFC 9112 6.1). */
  private static void frameless(HttpHeaders headers) {
    headers.remove(HttpHeaderNames.CONTENT_LENGTH).remove(HttpHeaderNames.TRANSFER_ENCODING);
  }

  /**
   * A 101.
   *
   * @param asked the protocol that the client asked for, for an answer that names none
   */
  static HttpResponse switching(HttpResponse from, String asked) {
    HttpHeaders headers = Forwarding.endToEnd(from);
    String protocol = from.headers().get(HttpHeaderNames.UPGRADE);
    upgrade(headers, protocol == null ? asked : protocol);
    return new DefaultHttpResponse(VERSION, from.status(), headers);
  }

  private static void upgrade(HttpHeaders headers, String protocol) {
    headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    headers.set(HttpHeaderNames.UPGRADE, protocol);
  }
}
