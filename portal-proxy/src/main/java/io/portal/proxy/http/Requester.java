package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/**
 * The side of a {@link WireExchange} that asked: an HTTP/1.1 connection or a stream of HTTP/2. The
 * event loop of both sides only.
 */
interface Requester {

  /**
   * The head of the request as a target gets it.
   *
   * @param path of the request line; null for the client's as it came
   */
  ByteBuf request(@Nullable String path);

  /** Whether nothing of the request's body is to come any more. */
  boolean requestEnded();

  /** A target was found after a while: parts of the body may be passed to it. */
  void targetReady();

  /** Whether the target takes more of the body changed. */
  void targetWritable();

  /** Whether chunks pass as they are; else their data alone. */
  boolean takesChunks();

  /** Passes a 1xx. */
  void interim(ResponseHead head);

  /**
   * Passes the head of the answer, at the latest together with what comes next.
   *
   * @param more how many bytes came with it
   */
  void head(ResponseHead head, int more);

  /** Passes a part of the answer's body. */
  void part(ByteBuf part);

  /**
   * Passes the last part, which may be empty; the exchange is over.
   *
   * @param trailers of a chunked body: an empty line, the trailers, an empty line; null for none
   */
  void last(ByteBuf part, @Nullable ByteBuf trailers);

  /** Answers by ourselves, which no head was passed before; the exchange is over. */
  void respond(HttpResponseStatus status, byte[] page);

  /** The answer cannot go on: the client must see that it is not whole. */
  void abort();

  boolean writable();

  void flush();

  WirePool pool();

  Shared shared();
}
