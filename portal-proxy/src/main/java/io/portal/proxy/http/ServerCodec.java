package io.portal.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * HTTP/1.1 towards a client: Netty's codec behind {@link RequestHead}. A head that is refused comes
 * out as a request whose decoder result failed; nothing is read after it.
 */
final class ServerCodec
    extends CombinedChannelDuplexHandler<HttpRequestDecoder, HttpResponseEncoder> {

  /** The method of the request that is being answered; the channel's event loop only. */
  private boolean headRequest;

  ServerCodec(Limits limits, Watch watch) {
    init(new Decoder(limits, watch), new Encoder());
  }

  /** Says whether the answer that comes next is one to HEAD, which has no body. */
  void answering(HttpMethod method) {
    headRequest = HttpMethod.HEAD.equals(method);
  }

  /** Lets whole heads through that everybody reads alike. */
  private static final class Decoder extends HttpRequestDecoder {

    private final Limits limits;
    private final Watch watch;
    private boolean atHead = true;
    private boolean refused;

    Decoder(Limits limits, Watch watch) {
      super(
          new HttpDecoderConfig()
              .setMaxInitialLineLength(limits.uri() + 64)
              .setMaxHeaderSize(limits.head()));
      this.limits = limits;
      this.watch = watch;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
        throws Exception {
      if (refused) {
        in.skipBytes(in.readableBytes());
        return;
      }
      if (atHead) {
        skipEmptyLine(in);
        if (!in.isReadable()) {
          return;
        }
        RequestHead head = RequestHead.ofThread();
        int length = head.scan(in, limits);
        if (length == Head.INCOMPLETE) {
          watch.headBegins();
          return;
        }
        watch.headEnds();
        if (length < 0) {
          refused = true;
          in.skipBytes(in.readableBytes());
          out.add(refusal(String.valueOf(head.fault())));
          return;
        }
        atHead = false;
      }
      super.decode(ctx, in, out);
      if (!out.isEmpty() && out.get(out.size() - 1) instanceof LastHttpContent) {
        atHead = true;
      }
    }

    /** RFC 9112 2.2: an empty line before a request line is to be ignored. */
    private static void skipEmptyLine(ByteBuf in) {
      int at = in.readerIndex();
      if (in.readableBytes() >= 2 && in.getByte(at) == '\r' && in.getByte(at + 1) == '\n') {
        in.skipBytes(2);
      }
    }

    private static HttpRequest refusal(String fault) {
      HttpRequest bad = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
      bad.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(fault)));
      return bad;
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
      throw new IllegalArgumentException("both Content-Length and Transfer-Encoding");
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
