package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A stream of an HTTP/2 connection whose request is plain. Its event loop only. */
final class Http2Request implements Requester {

  private static final AsciiString VIA = AsciiString.cached("via");
  private static final AsciiString VIA_VALUE = AsciiString.cached("1.1 portal");
  private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
  private static final AsciiString TEXT = AsciiString.cached(OwnAnswer.TEXT);
  private static final AsciiString DATE = AsciiString.cached("date");
  private static final byte[] END = Head.ascii("\r\n\r\n");

  private final Http2Client client;
  private final Http2FrameStream stream;
  private final Http2Head head;
  private final WireExchange exchange;
  private final Deque<Http2DataFrame> waiting = new ArrayDeque<>();
  private @Nullable Http2Headers answer;
  private long bodyLeft;
  private int unread;
  private boolean over;

  Http2Request(
      Http2Client client,
      Http2FrameStream stream,
      Http2Head head,
      ServingTable table,
      ServedRoute route) {
    this.client = client;
    this.stream = stream;
    this.head = head;
    bodyLeft = head.contentLength();
    exchange = new WireExchange(this, table, route, head.guard(), head.method(), bodyLeft == 0);
  }

  void start() {
    exchange.start();
  }

  void tick(long nanoTime) {
    if (!over) {
      exchange.tick(nanoTime);
    }
  }

  /** Takes a part of the request's body. */
  void data(Http2DataFrame frame) {
    int length = frame.content().readableBytes();
    bodyLeft -= length;
    if (over || bodyLeft < 0 || frame.isEndStream() && bodyLeft > 0) {
      consumed(frame.initialFlowControlledBytes());
      frame.release();
      if (!over) {
        // Its length is not what its head said: the target must not wait for the rest.
        failed(Http2Error.PROTOCOL_ERROR);
      }
    } else if (length == 0) {
      // Nothing to wait with: what waits is a part of the body that is not sent yet.
      consumed(frame.initialFlowControlledBytes());
      frame.release();
    } else if (exchange.open()) {
      pass(frame);
    } else {
      waiting.add(frame);
    }
  }

  private void pass(Http2DataFrame frame) {
    unread += frame.initialFlowControlledBytes();
    exchange.fromClient(frame.content());
    targetWritable();
  }

  /** Trailers of a request have no place behind a body whose length is known. */
  void trailers() {
    if (!over && bodyLeft > 0) {
      failed(Http2Error.PROTOCOL_ERROR);
    }
  }

  /** Nobody waits for the answer any more. */
  void gone() {
    if (!over) {
      over = true;
      drop();
      exchange.end();
    }
  }

  /** Its stream cannot go on. */
  void failed(Http2Error error) {
    gone();
    reset(error);
  }

  void writabilityChanged() {
    if (!over) {
      exchange.clientWritable(writable());
    }
  }

  void flushTarget() {
    if (!over && bodyLeft > 0) {
      exchange.flushTarget();
    }
  }

  private void consumed(int bytes) {
    if (bytes > 0) {
      client.write(new DefaultHttp2WindowUpdateFrame(bytes).stream(stream));
      client.flushSoon();
    }
  }

  private void reset(Http2Error error) {
    client.write(new DefaultHttp2ResetFrame(error).stream(stream));
    client.flushSoon();
  }

  private void drop() {
    waiting.forEach(Http2DataFrame::release);
    waiting.clear();
  }

  @Override
  public ByteBuf request(@Nullable String path) {
    String line = path == null ? head.guard().raw() : path;
    byte[] lines = client.about();
    String authority = head.guard().authority();
    int length = head.length() + line.length() + lines.length + authority.length() + END.length;
    ByteBuf out = client.alloc().ioBuffer(length);
    head.forward(out, line, client.shared().options().underscores());
    out.writeBytes(lines);
    out.writeCharSequence(authority, java.nio.charset.StandardCharsets.ISO_8859_1);
    return out.writeBytes(END);
  }

  @Override
  public boolean requestEnded() {
    return bodyLeft == 0 && waiting.isEmpty();
  }

  @Override
  public void targetReady() {
    for (Http2DataFrame frame = waiting.poll(); frame != null; frame = waiting.poll()) {
      pass(frame);
    }
  }

  @Override
  public void targetWritable() {
    if (unread > 0 && (exchange.targetTakesMore() || bodyLeft == 0)) {
      int bytes = unread;
      unread = 0;
      consumed(bytes);
    }
  }

  @Override
  public boolean takesChunks() {
    return false;
  }

  @Override
  public void interim(ResponseHead interim) {
    client.write(new DefaultHttp2HeadersFrame(interim.headers(), false).stream(stream));
    client.flushSoon();
  }

  @Override
  public void head(ResponseHead head, int more) {
    answer = head.headers(VIA, VIA_VALUE);
  }

  @Override
  public void part(ByteBuf part) {
    passHead(false);
    if (part.isReadable()) {
      client.write(new DefaultHttp2DataFrame(part, false).stream(stream));
    } else {
      part.release();
    }
  }

  /** Passes the head if it was not passed yet; null if it was. */
  private @Nullable ChannelFuture passHead(boolean end) {
    Http2Headers headers = answer;
    answer = null;
    return headers == null
        ? null
        : client.write(new DefaultHttp2HeadersFrame(headers, end).stream(stream));
  }

  @Override
  public void last(ByteBuf part, @Nullable ByteBuf trailers) {
    Http2Headers after = trailers == null ? null : Trailers.of(trailers);
    boolean bare = !part.isReadable() && after == null;
    ChannelFuture end = passHead(bare);
    if (end == null || !bare) {
      end = client.write(new DefaultHttp2DataFrame(part, after == null).stream(stream));
    } else {
      part.release();
    }
    if (after != null) {
      end = client.write(new DefaultHttp2HeadersFrame(after, true).stream(stream));
    }
    ended(end);
  }

  @Override
  public void respond(HttpResponseStatus status, byte[] page) {
    AsciiString length = new AsciiString(String.valueOf(page.length));
    Http2Headers headers =
        ReadOnlyHttp2Headers.serverHeaders(
            false,
            status.codeAsText(),
            DATE,
            new AsciiString(OwnAnswer.date()),
            CONTENT_TYPE,
            TEXT,
            CONTENT_LENGTH,
            length);
    boolean bare = exchange.toHead() || page.length == 0;
    ChannelFuture end = client.write(new DefaultHttp2HeadersFrame(headers, bare).stream(stream));
    if (!bare) {
      end =
          client.write(
              new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(page), true).stream(stream));
    }
    ended(end);
  }

  private void ended(ChannelFuture end) {
    over = true;
    drop();
    if (bodyLeft > 0) {
      // Not before the answer has gone: a reset takes away what waits for the client's window.
      end.addListener(written -> unwanted());
    }
    client.flushSoon();
  }

  /** RFC 9113 8.1: what is left of the request is not wanted. */
  private void unwanted() {
    if (bodyLeft > 0) {
      reset(Http2Error.NO_ERROR);
    }
  }

  @Override
  public void abort() {
    over = true;
    drop();
    reset(Http2Error.INTERNAL_ERROR);
  }

  @Override
  public boolean writable() {
    return client.writable(stream);
  }

  @Override
  public void flush() {
    client.flushSoon();
  }

  @Override
  public WirePool pool() {
    return client.pool();
  }

  @Override
  public Shared shared() {
    return client.shared();
  }
}
