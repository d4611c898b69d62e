package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
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

  /**
   * The end of a body in chunks with the trailers that pass.
   *
   * @param part ends with the last chunk
   * @param lines an empty line, the trailers, an empty line; released
   */
  static ByteBuf append(ByteBufAllocator alloc, ByteBuf part, ByteBuf lines) {
    Trailers trailers = new Trailers();
    trailers.scan(lines, lines.readableBytes());
    ByteBuf end = alloc.ioBuffer(lines.readableBytes());
    lines.release();
    for (int i = 0; i < trailers.count(); i++) {
      if (trailers.passes(i)) {
        int next = i + 1 < trailers.count() ? trailers.lineStart(i + 1) : trailers.linesEnd();
        trailers.copy(end, trailers.lineStart(i), next);
      }
    }
    end.writeByte('\r').writeByte('\n');
    return alloc.compositeBuffer(2).addComponents(true, part, end);
  }

  @Override
  int startLine(int length) {
    return lineEnd(0, length);
  }

  @Override
  boolean passes(int header) {
    return Forwarding.passesAsTrailer(lowerName(header).toString());
  }
}
