package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 towards a client: Netty's codec behind {@link RequestHead} and {@link ChunkScan}. What
 * is refused comes out as a part of a request whose decoder result failed; nothing is read after
 * it.
 */
final class ServerCodec
    extends CombinedChannelDuplexHandler<HttpRequestDecoder, HttpResponseEncoder> {

  /** The method of the request that is being answered; the channel's event loop only. */
  private boolean headRequest;

  ServerCodec(Limits limits, ConnectionTimeouts timeouts) {
    init(new Decoder(limits, timeouts), new Encoder());
  }

  /** Says whether the answer that comes next is one to HEAD, which has no body. */
  void answering(HttpMethod method) {
    headRequest = HttpMethod.HEAD.equals(method);
  }

  /** What a failed part of a request is answered with. */
  static HttpResponseStatus status(DecoderResult failed) {
    return failed.cause() instanceof Refused head ? head.status : HttpResponseStatus.BAD_REQUEST;
  }

  /** A head was refused. */
  private static final class Refused extends IllegalArgumentException {

    private static final long serialVersionUID = 1;
    private final transient HttpResponseStatus status;

    Refused(RequestHead head) {
      super(head.fault());
      status = head.refusal();
    }
  }

  /** Lets whole heads and chunks through that everybody reads alike. */
  private static final class Decoder extends HttpRequestDecoder {

    private final Limits limits;
    private final ConnectionTimeouts timeouts;
    private boolean atHead = true;
    private boolean refused;
    private @Nullable ChunkScan chunks;

    /** How many of the bytes that wait to be read are known to be good. */
    private int judged;

    Decoder(Limits limits, ConnectionTimeouts timeouts) {
      super(
          new HttpDecoderConfig()
              .setMaxInitialLineLength(limits.uri() + 64)
              .setMaxHeaderSize(limits.head()));
      this.limits = limits;
      this.timeouts = timeouts;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
        throws Exception {
      if (!refused && atHead) {
        head(in, out);
      }
      if (!refused && chunks != null) {
        chunks(chunks, in, out);
      }
      if (refused) {
        in.skipBytes(in.readableBytes());
      } else if (!atHead) {
        timeouts.moved();
        int before = in.readableBytes();
        super.decode(ctx, in, out);
        judged -= before - in.readableBytes();
        if (!out.isEmpty() && out.get(out.size() - 1) instanceof LastHttpContent) {
          atHead = true;
          chunks = null;
        }
      }
    }

    private void head(ByteBuf in, List<Object> out) {
      RequestHead.skipEmptyLines(in);
      if (!in.isReadable()) {
        return;
      }
      RequestHead head = RequestHead.ofThread();
      int length = head.scan(in, limits);
      if (length == Head.INCOMPLETE) {
        timeouts.headBegins();
        return;
      }
      timeouts.requestBegins();
      if (length < 0 || !head.framed()) {
        refused = true;
        HttpRequest bad = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
        bad.setDecoderResult(DecoderResult.failure(new Refused(head)));
        out.add(bad);
        return;
      }
      atHead = false;
      judged = length;
      chunks = head.chunked() ? new ChunkScan() : null;
    }

    /** Netty reads chunks with leniency: it gets to see only what needs none. */
    private void chunks(ChunkScan scan, ByteBuf in, List<Object> out) {
      int fresh = in.readableBytes() - judged;
      int mine = scan.scan(in.slice(in.readerIndex() + judged, fresh));
      if (mine < 0) {
        refused = true;
        HttpContent bad = new DefaultLastHttpContent();
        bad.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("chunks")));
        out.add(bad);
      } else {
        judged += mine;
      }
    }
  }

  /** Knows that an answer to HEAD has no body. */
  private final class Encoder extends HttpResponseEncoder {

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse message) {
      return headRequest && message.status().code() >= 200 || super.isContentAlwaysEmpty(message);
    }
  }
}
