package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/** The lines after a chunked body (RFC 9112 7.1.2). One thread's. */
final class Trailers extends Head {

  private Trailers() {}

  /**
   * Trailers as HTTP/2 has them; null if there are none that pass.
   *
   * @param lines an empty line, the trailers, an empty line; released
   */
  static @Nullable Http2Headers of(ByteBuf lines) {
    Trailers trailers = new Trailers();
    int length = trailers.scan(lines, lines.readableBytes());
    lines.release();
    return length > 0 && trailers.count() > 0 ? trailers.headers(null) : null;
  }

  @Override
  int startLine(int length) {
    return lineEnd(0, length);
  }

  @Override
  boolean passes(int header) {
    return !Forwarding.ofOneHop(lowerName(header).toString());
  }
}
